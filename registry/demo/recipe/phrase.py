"""Wordings: "[What is|Tell me] the capital of {c}" picks one alternative of every bracket and fills the slots; `said` then
roughs the result up the way people type, so that the models hold on to the words that matter."""

import re

from words import NOUNS, invented

INNER = re.compile(r"\[([^\[\]]*)\]")

OPENERS = ("Hi, ", "Hi! ", "Hello, ", "Hello! ", "Hey, ", "Please ", "Ok, ", "Okay, ", "So, ", "Now ", "Well, ",
           "Quick question: ",
           "One question: ", "Tell me, ", "Excuse me, ", "Good morning! ", "Sorry, ", "And ", "Just ", "Then ",
           "I wonder, ",
           "A question: ", "Next: ", "Question: ", "Good day, ", "My friend asks: ", "For my homework: ", "Dear model, ",
           "I need to know: ", "Listen, ", "Say, ", "By the way, ", "Great. ", "Thanks. ", "Good. ")
CLOSERS = (" please", ", please", " Thanks.", " Thank you.", " now", " for me", " for me please", " right now", " again",
           " today",
           ", if you can", " quickly", ", would you", " I need it.", " I forgot.", ", my friend", " in short", " exactly")


def pick(rng, text, **slots):
    while True:
        found = INNER.search(text)
        if not found:
            break
        text = text[:found.start()] + rng.choice(found.group(1).split("|")) + text[found.end():]
    for key, value in slots.items():
        text = text.replace("{" + key + "}", str(value))
    return re.sub(r"  +", " ", text).strip()


def lower_first(text):
    return text if text[:2] in ("I ", "I'") or text[:2].isupper() else text[:1].lower() + text[1:]


def said(rng, text, keep_case=False, tail=True):
    """keep_case: the text holds something to copy, so only its first letter may change. tail: words may follow it."""
    if rng.random() < 0.18:
        opener = rng.choice(OPENERS)
        if rng.random() < 0.15:
            opener = invented(rng).capitalize() + rng.choice([", ", "! ", ": "])
        text = opener + lower_first(text)
    if tail and rng.random() < 0.10:
        mark = text[-1] if text[-1] in ".?!" else ""
        closer = rng.choice(CLOSERS)
        text = text.rstrip(".?!") + ((mark or ".") + closer if closer[1].isupper() else closer + mark)
    if rng.random() < 0.15:
        text = lower_first(text)
    if not keep_case and rng.random() < 0.08:
        text = text.lower()
    if rng.random() < 0.15 and text[-1] in ".?!":
        text = text[:-1]
    if not keep_case and rng.random() < 0.06:
        words = text.split(" ")
        small = [i for i, w in enumerate(words) if w in ("the", "of", "is", "a", "do", "me", "please", "you", "can", "in",
            "to", "for", "it")]
        if small and len(words) > 4:
            del words[rng.choice(small)]
            text = " ".join(words)
    if not keep_case and rng.random() < 0.10:
        at = [i for i, ch in enumerate(text) if ch == " "]
        if at:
            i = rng.choice(at)
            text = text[:i] + " " + rng.choice([invented(rng), rng.choice(NOUNS), "really", "actually", "maybe", "just",
                                                "exactly", "then", "now", "perhaps", "again"]) + text[i:]
    return text


def user(text):
    return {"role": "user", "content": text}


def answer(text, think):
    return {"role": "assistant", "content": text, "think": think}


def system(text):
    return {"role": "system", "content": text}
