"""What is asked: the same list each time, of many lengths, so that chunks of a prompt and windows of attention are crossed."""

import json
import pathlib
import random

QUESTIONS = pathlib.Path(__file__).resolve().parents[1] / "models" / "held_out.jsonl"


def questions():
    lines = QUESTIONS.read_text().splitlines()
    return [json.loads(line)["messages"][-1]["content"] for line in lines]


def apart(count):
    """Prompts that share no beginning, so that nothing an engine has kept can help it with the next."""
    choice = random.Random(7)
    known = questions()
    made = []
    for i in range(count):
        # A number first, its fastest digit in front. Then a question in the models' own markup, after as much talk as makes the length.
        start = str(i).rjust(3, "0")[::-1]
        talk = [known[choice.randrange(len(known))] for _ in range((0, 0, 1, 3, 12, 40)[i % 6])]
        question = known[choice.randrange(len(known))]
        if i % 4 == 3:
            made.append(f"{start} " + " ".join([*talk, question]))
        else:
            made.append(f"{start} " + " ".join(talk) + f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n")
    return made


def _token_ids(choice, length):
    # Ordinary words in every vocabulary that the models have.
    return [choice.randrange(300, 760) for _ in range(length)]


def of_one_length(count, length=40):
    """Token ids: what text is long depends on the vocabulary."""
    choice = random.Random(13)
    return [_token_ids(choice, length) for _ in range(count)]


_fresh = random.Random(17)


def filler(length):
    """Something that has never been asked."""
    return _token_ids(_fresh, length)


def conversations(count, turns=4):
    """Lists of prompts of which each begins with the one before: the turns of a long conversation, as a client sends them again."""
    choice = random.Random(11)
    known = questions()
    made = []
    for i in range((count + turns - 1) // turns):
        text = f"{str(i).rjust(3, '0')[::-1]} " + " ".join(known[choice.randrange(len(known))] for _ in range(25))
        talk = []
        for _ in range(turns):
            text += f"<|im_start|>user\n{known[choice.randrange(len(known))]}<|im_end|>\n<|im_start|>assistant\n"
            talk.append(text)
            text += "I see.<|im_end|>\n"
        made.append(talk)
    return made
