"""Work on the user's own words: repeat, spell, upper case, count, JSON, and simple orders in a system prompt."""

import json
import re

from phrase import answer, lower_first, pick, said, system, user
from topics import facts, perch, talk
from words import ADJECTIVES, CAPITALS, CITIES, COLOURS, NAMES, NOUNS, VERBS, article, city, country, invented, noun, person

THIS = ("[this|that|the next line|this line|this text|the text|my words|this sentence|these words|these words exactly|what comes now|"
        "the next words|the following|the following words|the following sentence|the words below|what I write|what follows|the phrase|"
        "this phrase|the word|the line after the colon|everything after the colon|my sentence|my text|this message|what I say]")
HOW = ("[| to me| once| once more| word for word| as it is| without change| again| here| loudly| slowly| exactly| after me| letter for "
       "letter| back| back to me| unchanged| without any change| and nothing else| just as it is| exactly as written| for me| please| "
       "in the same words| without adding anything| verbatim| one time| precisely| as I wrote it]")
REPEAT = ("Repeat[| after me| this| the text| the words| exactly| the following| these words| word for word]: {x}", "Say: {x}", "Say {x}",
          "Repeat after me: {x}", "[Please|Do|Now|Do please|Kindly|Just] [repeat|say|echo|copy|parrot]: {x}", "Echo[|:] {x}", "Repeat {x}",
          "Can you [say|repeat|echo|copy|write]: {x}", "Say this[| back| after me| exactly| word for word]: {x}",
          "Write[| down| back| out]: {x}", "Write {x}", "Repeat what I say: {x}", "Copy [this|the text|my words|what I write]: {x}",
          "[Answer|Reply|Respond] [only |just |]with: {x}", "Only say: {x}", "Now say {x}",
          "Repeat the [sentence|word|line|words|following|phrase|text|message]: {x}", "I say {x}, you repeat.", "Print {x}",
          "Type[:|] {x}", "[Reply|Answer|Respond] with exactly: {x}", "Just say: {x}", "Give back: {x}", "Tell me these words: {x}",
          "[Parrot|Mirror|Recite|Quote|Utter|Output|Return]: {x}",
          "[|Please |Could you |Can you |Now |Kindly |I want you to |You should |Go and |Would you |Will you |I need you to |Just |Do |"
          "Simply |Be so kind and |I ask you to ]{w} " + THIS + HOW + ": {x}", "{w}" + HOW + ": {x}",
          "{v} [to me|once|again|slowly|now|for us|with me|please|exactly|after me|word for word]: {x}",
          "[Text|Words|Line|Sentence|Phrase|Message] to {v}: {x}", "I [would like|want|need|ask|beg] you to {v} {x}",
          "[Your|The|My] [line|text|sentence|phrase|message] is: {x}. {w} it[.| exactly.| word for word.|, please.]", "{v}, please: {x}",
          "{x} - {w} [it|that|this|these words][.| please.| exactly.| word for word.|, please.]",
          "{x}. [Now|Please|Now please] {w} [it|that|this][.| back.| word for word.]",
          "[Can|Could|Would|Will] you [please |]{v} {x}[ for me| to me| once| back to me|][?|, please?]",
          "{v} {x}[.|!| please.|, please.| exactly.| for me.| word for word.| back to me.]",
          "[Let me hear|Let me see|I want to hear|I want to see|I want to read|Show me|Give me] [the words |the sentence |the text |"
          "]{x}[.| from you.|, please.]", "[I|We] want [your answer|the answer|your reply] to be {x}[.| and nothing else.]",
          "Your [answer|reply] [should|must|shall] be [exactly |]{x}[.| and nothing else.]", "[After|Like] me, {v}: {x}",
          "Do repeat [this|after me|these words|the following|what I say][|, please|, word for word]: {x}",
          "{v} [the words|the sentence|the phrase|the text|the line] {x}",
          "[What I say|My words|The words|The sentence]: {x}. [Your turn|Now you|Say it too|And now you].", "When I say {x}, you {w} it.",
          "[Speak after me|Follow me|After me]: {x}",
          "{w} [this|these words|the following], [word for word|exactly|please|without change|and nothing else]: {x}",
          "[The following|This] is to be [repeated|copied|said]: {x}", "[Be|Play] [a parrot|my parrot|an echo|my echo]: {x}",
          "[Please |]{w} [back |]to me the [words|sentence|text|line|phrase]: {x}")
SAYING = ("repeat", "say", "echo", "copy", "write", "type", "print", "say back", "speak", "quote", "repeat", "say", "write back",
          "echo back", "parrot", "recite", "write down", "type out", "give back", "send back", "read back", "output", "mirror",
          "repeat back", "state", "utter", "reproduce", "return")
SENTENCES = ("[The|My|Your|This|Our|His|Her|That|Every] {n} is [still|already|now|always|never|not|really|again|almost|] [too|very|"
             "quite|rather|so|] {a}",
             "[The|My|Your|Our|His] {n} [was|looks|seems|feels|became] [too|very|quite|rather|] {a} [today|yesterday|this morning|last "
             "week|]", "The {a} {n} is [in|on|under|behind|near|next to|beside] the {m}",
             "{p} [lives|works|stays|is waiting|was born] in {c}",
             "{p} [has|sees|likes|needs|wants|sold|bought|found|lost] [a|the|one|another] {a} {n}",
             "{p} and {q} [are|live|meet|work] in {c} [again|today|now|]",
             "[Please|Do not|Always|Never|You must|We should|I want to|They will|She can|We need to|I have to] {v} the [{a}|] {n}[ "
             "today| now| tomorrow| before noon|]",
             "[I|We|They|You] [have|need|want|saw|found|lost|like|made|bought] [a|the|one|that] [{a}|] {n}",
             "There is [a|no|one|another] [{a}|] {n} [in|on|under|behind] the {m}", "[Where|Why|How|When] [is|was] the [{a}|] {n}",
             "Can you {v} [the|my|this] {n}", "[The|A] {n} and [the|a] {m} are {a}",
             "It is [too|very|quite|so] {a} in {c} [today|now|tonight|]",
             "[We|They|I] will go to {c} [tomorrow|on Monday|next week|by train|with {p}]",
             "{p} will {v} the {n} [tomorrow|later|soon|on Friday|]", "{p}'s {n} is {a}",
             "The train to {c} [is late|leaves at {i}|was full]", "[Nobody|Everybody|Somebody|Who] [likes|knows|wants|needs] the {a} {n}",
             "My {n} costs {i} [coins|euros|dollars]", "[Good|Dear|Hello] [morning|friend|evening], {p}", "I am {a} and you are {b}",
             "{a} {n}, {b} {m}", "The {n} on the {m} belongs to {p}", "[Today|Yesterday|Tomorrow|Now] the {n} is {a}",
             "[Two|Three|Seven|Many|Some] [small|big|old|new|green] things on the {m}",
             "The {n} [runs|falls|sleeps|stands|waits|breaks] [behind|near|under] the {m}", "Do you [see|know|like|have] the {n} in {c}",
             "What a {a} {n}", "No {n} without a {m}", "{p} is [my|our|your] [brother|sister|teacher|neighbour|friend]")
SPELL = ("Spell {x}.", "Spell {x}.", "Spell the word {x}.", "How do you spell {x}?", "How do you spell {x}?", "Can you spell {x}?",
         "Spell {x}[ letter by letter| for me| out| out for me| one letter at a time| in letters| with hyphens| now| slowly|, please].",
         "How is {x} [spelled|spelt|written|spelled out]?", "Please spell {x}.", "Spell: {x}",
         "Spell out {x}[.|, please.| for me.| letter by letter.]",
         "[Please |Kindly |Now |Just |]spell [out |]the [word|name|term] {x}[.|, please.|]",
         "[Which|What] letters [are in|make up|form|does one need for|are there in] {x}?",
         "[What|Which] letters does [the word |]{x} [have|contain|consist of]?",
         "[Give|Tell|Show|Write|Say|List|Name|Read] [me |]the letters [of|in] {x}[.|, please.| one by one.| one after the other.|]",
         "What are the letters [of|in] {x}?", "[The |]spelling of {x}[?|, please.|.| please]",
         "[Split|Break|Divide|Cut|Separate|Take] {x} [up |]into [its |single |separate |]letters[.|, please.|]",
         "How is the word {x} [written|spelt|spelled], letter by letter?", "Say the letters of {x}[.| one by one.]",
         "[Could|Will|Would|Can] you [please |kindly |]spell [out |]{x}[| for me| now| letter by letter| once more]?",
         "I [need|want|forgot|would like|do not know] the spelling of {x}.", "[Tell|Show|Give] me the [spelling|letters] of {x}.",
         "{x}: spell it[.| out.|, please.]", "Letters of {x}?", "Spell it for me: {x}",
         "How [does one|do I|do people|do we|would you|should I|must I|can I] [spell|write] {x}?", "Take {x} apart into letters.",
         "{x}, letter by letter[.|, please.|?]", "{x}, spelled out[.|, please.|?]", "{x} letter by letter",
         "[Write|Say|Give|Type|Read] {x} letter by letter[.|, please.|]", "{x} - [how is it|how is that] [spelled|spelt|written]?",
         "[What is|What's|Do you know] the [correct |right |]spelling of {x}?", "Do you know how to spell {x}?",
         "[Tell|Show] me how [to spell {x}|{x} is spelled|{x} is spelt|you spell {x}|one spells {x}].",
         "Are you able to [spell|spell out] {x}?", "I [want|need|would like|ask] you to spell [the word |out |]{x}.",
         "I [cannot|can't|don't know how to|want to] spell {x}.[ Help me.| Can you?| Show me.|]",
         "[By letters|In letters|In single letters|Letter by letter|One letter at a time]: {x}",
         "[Spelling|Spelling test|Spelling bee|Dictation|Letters|Spell check]: {x}", "[Put|Write] a hyphen between the letters of {x}.",
         "[Write|Say|Give me] {x} [with hyphens between the letters|one letter at a time|in single letters|in letters].",
         "What [is|does] {x} [when spelled|look like] letter by letter?", "How would [you|a teacher|a child] spell {x}?",
         "Which letters do I [type|write|need] for {x}?", "[My|A] [name|friend|street|town] is {x}. Spell it[.|, please.]",
         "Read me the letters of {x}.", "[The|My] [next |]word is {x}. Spell it[.|, please.| letter by letter.| out.]",
         "With which letters do you [write|spell] {x}?", "Let me [hear|see] the [letters|spelling] of {x}.",
         "Can you [break|split|divide] {x} [up |]into letters?")
AND_SPELL = ("And {x}?", "And {x}.", "Now {x}.", "What about {x}?", "How about {x}?", "Next: {x}", "Then {x}.", "Now spell {x}.",
             "And spell {x}[.|, please.]", "{x}?", "{x}", "And how is {x} [spelled|spelt|written]?", "And how do you spell {x}?",
             "The same for {x}.", "[Next|Next word|One more|Another one|Also]: {x}[.|]",
             "[Ok|Good|Thanks|Great|Nice], [and|now|now spell] {x}[.|?]", "[And|Now] the [word|letters of|spelling of] {x}[.|?]",
             "[Do|Try] {x} [too|next|now].")
CAPS = ("[upper case|upper case|uppercase|uppercase|upper-case letters|uppercase letters|upper case letters|capital letters|capital "
        "letters|capitals|capitals|all caps|all caps|all capitals|big letters|block letters|block capitals|caps|UPPER CASE|CAPITALS|"
        "CAPITAL LETTERS|ALL CAPS]")
SMALL = ("[lower case|lower case|lowercase|lowercase|lower-case letters|lowercase letters|lower case letters|small letters|small "
         "letters|all lower case|all lowercase|little letters]")
CASED = ("Write {x} in {k}[.|, please.|]", "Put {x} [in|into] {k}[.|, please.|]", "{x} in {k}[|, please|.|?]",
         "[Make|Turn|Convert|Change] {x} [to|into] {k}[.|, please.|]",
         "[Say|Type|Print|Give me|Repeat|Show me|Spell] {x} in {k}[.|, please.]",
         "[Can|Could|Would] you [please |][write|put|type|say|print|show] {x} in {k}[ for me|]?",
         "[What is|How do you write|How do I write|How would you type] {x} in {k}?", "How does {x} look in {k}?", "In {k}: {x}",
         "[Convert|Change|Turn] [this|it|the following] [to|into] {k}: {x}", "[Write|Put|Say|Type] [this|it|the following] in {k}: {x}",
         "I [need|want|would like] {x} in {k}.", "{x} [written |typed |]in {k}[.|, please.|]",
         "[Please |Kindly |Now |Just ]write {x} in {k}.", "{k}: {x}", "[Use|Take] {k} for {x}[.|]", "How is {x} written in {k}?")
A_TO_B = ("[from {a} to {b}|from {a} up to {b}|from {a} until {b}|from {a} till {b}|from {a} through {b}|{a} to {b}|from {a} on to {b}|"
          "from {a} all the way to {b}|between {a} and {b}]")
NUMBERS = "[the numbers|all the numbers|all numbers|numbers|every number|the whole numbers|everything|each number]"
COUNT = ("Count from {a} to {b}[.|]", "Count from {a} to {b}[.|]", "Count from {a} up to {b}.", "Count [to|up to|till|until] {b}[.|]",
         "[Can|Could|Would|Will] you [please |]count [to|up to] {b}[| for me]?",
         "[Please count|Count for me|Please count for me|Do count|Now count|Just count|Kindly count] " + A_TO_B + ".",
         "[List|Write|Say|Give me|Print|Show me|Tell me|Type|Name|Write down|Output] " + NUMBERS + " " + A_TO_B + "[.|, please.|]",
         "[Numbers|All numbers|Every number|The numbers] " + A_TO_B + "[, please|.|]",
         "[Could|Can|Would|Will] you [please |]count " + A_TO_B + "[| for me| please]?",
         "Start at {a} and count [to|up to|until] {b}[.|, please.]",
         "I [want you|would like you|need you|ask you] to count " + A_TO_B + ".", "Count [the |all |]numbers " + A_TO_B + ".",
         "Begin [with|at] {a} and [go on to|count to|go up to|stop at|end with|continue to] {b}.",
         "[Show|Tell|Give] me the numbers between {a} and {b}.",
         "Count from {a} to {b}, [one by one|please|in order|step by step|one after the other|without a break].",
         "Count [all the way |upwards |]to {b}[.|, please.]", "Count slowly from {a} to {b}.",
         "[Count|Go|Number] " + A_TO_B + "[ for me|, please| in order| now|][.|!|]", "Count everything from {a} to {b}.",
         "[Start|Begin] [with|at|from] {a}[,| and] [stop|end|finish] [at|with] {b}[.|.|: count.]",
         "I want to [hear|see|read] [you count|the numbers|all numbers] from {a} to {b}.",
         "[Let us|Let me hear you|Let me see you] count [to|up to] {b}[.|]", "What are the numbers " + A_TO_B + "?",
         "Which numbers are there " + A_TO_B + "?", "[Counting|Count|Numbers]: {a} to {b}[.|]",
         "{a} to {b}, [count|count please|please count|one by one][.|]", "[How|Do you know how|Are you able] to count [to|up to] {b}?",
         "Do you know the numbers up to {b}? [Say|List|Write] them.", "Please [count|count up] to {b}.",
         "Count up from {a} to {b}[.|, please.]", "From {a} to {b}, count[.|, please.]",
         "Make a list of [the|all] numbers from {a} to {b}.", "Recite the numbers from {a} to {b}.")


def real(rng):
    """A real word of 3 to 12 letters."""
    while True:
        w = rng.choice(rng.choice([NOUNS, NOUNS, VERBS, ADJECTIVES, CITIES, NAMES, list(COLOURS), list(CAPITALS)]))
        if w.isalpha() and w.isascii() and 3 <= len(w) <= 12:
            return w


def word(rng, low=2, high=9, p_real=0.35):
    w = real(rng) if rng.random() < p_real else invented(rng, low, high)
    shape = rng.random()
    return w.capitalize() if shape < 0.2 else w.upper() if shape < 0.24 else w.lower() if shape < 0.3 else w


def phrase(rng, low=1, high=8):
    words = [word(rng) for _ in range(rng.randint(low, high))]
    shape = rng.random()
    if shape < 0.1:
        words.insert(rng.randrange(len(words) + 1), str(rng.randint(0, 10 ** rng.randint(1, 5))))
    if shape > 0.85:
        i = rng.randrange(len(words))
        words[i] = rng.choice(["{}'s", "{},", "{}-x", "({})", "'{}'", "{}:", "{}_1", "@{}", "#{}", "{}.txt", "/{}",
                               "{}!"]).format(words[i])
    return " ".join(words)


def with_an(text):
    return re.sub(r"\b([Aa]) (?=[aeio]|u(?!n[ai]|s))", r"\1n ", text)


def sentence(rng):
    """A sentence of real words, without its final mark."""
    thing = lambda: rng.choice(NOUNS) if rng.random() < 0.85 else invented(rng, 3, 9)
    text = pick(rng, rng.choice(SENTENCES), n=thing(), m=thing(), a=rng.choice(ADJECTIVES), b=rng.choice(ADJECTIVES), v=rng.choice(VERBS),
                p=person(rng), q=rng.choice(NAMES), c=city(rng), i=rng.randint(2, 99))
    text = with_an(text)
    return text[0].upper() + text[1:]


def quoted(rng, text, must=False):
    """In double, single or, if that is allowed, no quotes."""
    mark = rng.choice(['"', '"', "'", '"' if must else "", '"' if must else ""])
    mark = '"' if mark and "'" in text else mark
    return mark + text + mark


def repeat(rng, me):
    turns = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if rng.random() < 0.5:
            text = sentence(rng)
            text = text + rng.choice("...!?") if rng.random() < 0.35 else text.lower() if rng.random() < 0.15 else text
        else:
            text = phrase(rng)
            if rng.random() < 0.4:
                text = text[0].upper() + text[1:]
                text = text.rstrip(",:!") + rng.choice("..!?")
        form = pick(rng, rng.choice(REPEAT), x="\x00", v=rng.choice(SAYING), w=rng.choice([v for v in SAYING if " " not in v]))
        form = form[0].upper() + form[1:] if rng.random() < 0.8 else form
        shown = quoted(rng, text, must=not form.endswith("\x00"))
        if form.endswith("\x00") and shown != text and rng.random() < 0.2:
            form += "."
        elif text[-1] in ".?!" and rng.random() < 0.6:
            form = form.replace("\x00.", "\x00")
        turns += [user(form.replace("\x00", shown)), answer(text, f"I repeat {text.split()[0]}.")]
    return turns


def cased(rng):
    """Upper or lower case on request."""
    roll = rng.random()
    name = rng.choice(list(CAPITALS))
    if roll < 0.65:
        text = word(rng, p_real=0.6) if roll < 0.4 else sentence(rng) if roll < 0.55 else phrase(rng, 1, 3)
    elif roll < 0.8:
        text = rng.choice([CAPITALS[name], name])
    else:
        text = (facts.capital_of(name) if roll < 0.9 else facts.colour_of(rng.choice(list(COLOURS))))[:-1]
    upper = rng.random() < 0.75
    form = pick(rng, rng.choice(CASED), x="\x00", k=pick(rng, CAPS if upper else SMALL))
    form = form[0].upper() + form[1:]
    reply = text.upper() if upper else text.lower()
    return [user(form.replace("\x00", quoted(rng, text, must=" " in text))),
            answer(reply, f"{text} in {'capitals' if upper else 'small letters'}.")]


def spell(rng, me):
    if rng.random() < 0.14:
        return cased(rng)
    turns = []
    for i in range(rng.choice([1, 1, 2, 3, 7])):
        w = word(rng, 3, 12, p_real=0.5)
        form = rng.choice(SPELL) if not i or rng.random() < 0.5 else rng.choice(AND_SPELL)
        form = pick(rng, form, x="\x00")
        form = form[0].upper() + form[1:]
        mark = rng.choice(["", "", "", '"', "'"])
        text = form.replace("\x00", mark + w + mark)
        turns += [user(said(rng, text, keep_case=True, tail=False) if not mark and not form.startswith("\x00") else text),
                  answer("-".join(w), f"{w}: " + " ".join(w) + ".")]
    return turns


def listing(a, b):
    return ", ".join(str(i) for i in range(a, b + 1)) + "."


def count(rng, me):
    roll = rng.random()
    a = 1 if roll < 0.75 else rng.randint(0, 30) if roll < 0.92 else rng.randint(30, 90)
    b = a + rng.choice([rng.randint(2, 12), rng.randint(5, 30), rng.randint(20, 60), rng.randint(40, 100)])
    if rng.random() < 0.3:
        b = max((b + 5) // 10 * 10, a + 2)
    b = min(b, 120)
    form = rng.choice(COUNT)
    if "{a}" not in form:
        b, a = max(b - a + 1, 3), 1
    text = pick(rng, form, a=a, b=b)
    return [user(said(rng, text[0].upper() + text[1:], tail=False)), answer(listing(a, b), f"From {a} to {b}.")]


def value(rng):
    """A value and the way it stands in JSON."""
    roll = rng.random()
    if roll < 0.35:
        n = rng.randint(0, 10 ** rng.randint(1, 4))
        return str(n), n
    if roll < 0.45:
        flag = rng.random() < 0.5
        return ("true" if flag else "false"), flag
    if roll < 0.5:
        n = rng.randint(1, 999) / 10
        return str(n), n
    text = rng.choice([lambda: person(rng), lambda: word(rng), lambda: noun(rng), lambda: word(rng), lambda: city(rng)])()
    return text, text


KEYS = "[keys|the keys|keys|the keys|the fields|fields|the properties|these keys:|exactly the keys|only the keys]"
A_JSON = "[JSON|JSON|JSON|a JSON object|JSON format|valid JSON|one JSON object|a JSON]"
ASK_JSON = ("[Answer|Reply|Respond] [only |]in JSON with KEYS {k}: {s}",
            "[Give|Return|Write|Output|Print|Make|Produce|Create|Send|Build] [me |]JSON with KEYS {k}: {s}", "JSON with KEYS {k}: {s}",
            "{s} [Answer|Reply|Respond] [only |]in JSON with KEYS {k}.",
            "{s} [Give|Return|Write|Put|Output|Show|Send] [me |]this as JSON with KEYS {k}.", "Answer as JSON. Keys: {k}. {s}",
            "[Make|Create|Build|Produce|Form] JSON with KEYS {k} [from|out of] this: {s}",
            "[Turn|Convert|Change|Put|Translate] [this|the following|the sentence|the text|it] into JSON with KEYS {k}: {s}",
            "{s} [Put|Write|Store|Say|Return|Give] [it|this|that] in JSON with {k} as keys.", "Use JSON with the keys {k}. {s}",
            "Answer only with JSON, keys {k}: {s}", "[Extract|Pull|Take|Get|Read|Find|Fetch] {k} as JSON: {s}",
            "{s} As JSON, with keys {k}.",
            "{s} [JSON|As JSON|In JSON|Now JSON|Make it JSON|Give me JSON], [please, |]keys {k}[.|, please.]",
            "{s} [Format|Write|Return] this as A_JSON [whose keys are|using the keys|with the fields|that has the keys|having the "
            "keys] {k}.",
            "[Write|Give|Return|Output|Make] A_JSON [whose keys are|using the keys|that has the keys|having the keys] {k}: {s}",
            "[I need|I want|I would like|We need|Please give me|Let me have] A_JSON with KEYS {k}: {s}",
            "{s} [I need|I want|I would like|We need|Please give me|Let me have] A_JSON with KEYS {k}.",
            "[Extract|Pull|Take|Get|Read] {k} from [this|the text|the sentence|the following] [as|into|in] JSON: {s}",
            "{s} [Extract|Pull out|Take|Get|Return|Give me] {k} as JSON.",
            "[Keys|Fields|JSON keys|The keys|JSON, keys]: {k}. [Text|Data|Sentence|Input|Facts]: {s}",
            "[Text|Data|Sentence|Input|Facts]: {s} [Keys|JSON keys|The keys|JSON with keys|Keys for the JSON]: {k}.",
            "[Can|Could|Would|Will] you [please |][write|give|put|return|express|format|say] this as JSON with KEYS {k}? {s}",
            "{s} [Can|Could|Would|Will] you [please |][write|give|put|return|express|format|say] [this|that] as JSON with KEYS {k}?",
            "The answer [should|must|has to|shall] be JSON with KEYS {k}: {s}",
            "{s} The answer [should|must|has to|shall] be JSON with KEYS {k}.",
            "[Only JSON|JSON only|Just JSON|Nothing but JSON][, please|], KEYS {k}: {s}",
            "{s} [Only JSON|JSON only|Just JSON|Nothing but JSON][, please|], KEYS {k}.",
            "[Fill|Complete|Use|Follow] [this|the] [form|JSON|shape|pattern]: {f} [Text|From|Facts]: {s}",
            "{s} [Fill|Complete|Use|Answer in|Write it in] [this|the] [form|JSON|shape|pattern]: {f}",
            "[Answer|Reply] in the form {f}: {s}", "{s} [Express|Represent|Encode|Write down|Summarise] [this|that|it] as JSON, KEYS {k}.",
            "[Express|Represent|Encode|Write down|Summarise] as JSON, KEYS {k}: {s}",
            "[Use|Take] {k} as [the |]keys [and answer in JSON|and write JSON|of a JSON object]: {s}",
            "With KEYS {k}, [write|give|make|answer in] JSON: {s}",
            "What [is|would be] the JSON [for this|of this|of the following][,| with] KEYS {k}? {s}",
            "[JSON please|To JSON|As JSON|Into JSON], KEYS {k}: {s}",
            "{s} [And now|Now|Please give|Give me] [that|this|it] as JSON ({k}).", "JSON ({k}): {s}", "[Put|Store|Save] {k} in JSON: {s}")
ASK_JSON = tuple(form.replace("KEYS", KEYS).replace("A_JSON", A_JSON) for form in ASK_JSON)
TITLES = ("size", "price", "count", "title", "status", "owner", "level", "code", "type", "id", "weight", "height", "speed", "date",
          "number", "label", "group", "email", "city", "name", "age", "model", "unit", "room", "total", "score", "rank", "language",
          "address", "phone", "author", "year", "month", "day", "key", "value", "shape", "mode", "port", "host")
RECORDS = (                                          # what a sentence tells, the keys it may be called by, and the sentences
    ({"p": "name|name|person|user|first_name|who", "n": "age|age|years"},
     ("{p} is {n} years old", "{p} is {n}", "{p}, {n}", "{p} is {n} years of age", "{p}, aged {n}",
      "My [friend|brother|sister|neighbour|cousin] {p} is {n} years old", "I am {p} and I am {n}",
      "My name is {p} and I am {n} years old", "[Yesterday|Today|Last week|Tomorrow] {p} [turned|turns] {n}", "{p} has the age of {n}",
      "This is {p}, {n} years old", "The age of {p} is {n}", "At {n}, {p} is the oldest", "The user {p} is {n}",
      "I am called {p}, age {n}")),
    ({"p": "name|name|person|user", "n": "age|age|years", "c": "city|city|town|home"},
     ("{p} is {n} years old and [lives in|comes from|is from|works in] {c}", "{p}, {n}, from {c}", "{p} is {n} and lives in {c}",
      "{p} from {c} is {n}[ years old|]", "I am {p}, {n} years old, and I live in {c}", "{p} ({n}) lives in {c}",
      "My name is {p}, I am {n} and I come from {c}", "{p} lives in {c} and is {n} years old", "In {c} lives {p}, who is {n}")),
    ({"p": "name|name|person|user|who", "c": "city|city|town|home|place|where"},
     ("{p} [lives|works|stays|is|was born] in {c}", "{p} [is|comes] from {c}", "{p}, {c}", "{p} moved to {c}[ last year|]",
      "My friend {p} lives in {c}", "I am {p} and I live in {c}", "{p} has a house in {c}", "In {c} lives {p}", "The home of {p} is {c}",
      "You will find {p} in {c}")),
    ({"p": "name|name|person|worker", "t": "job|job|profession|work"},
     ("{p} works as {t}", "{p} is a {t}", "The job of {p} is {t}", "{p} earns money as {t}", "{p} has worked as a {t} for years",
      "As a job, {p} does {t}", "Our {t} is {p}")),
    ({"p": "name|owner|person|who", "t": "animal|pet|thing|item"},
     ("{p} has a {t}", "{p} owns a {t}", "The {t} belongs to {p}", "{p} bought a {t}", "{p}'s {t}", "The owner of the {t} is {p}",
      "This {t} is owned by {p}", "{p} likes the {t}")),
    ({"t": "item|product|thing|article", "n": "price|price|cost|amount"},
     ("The {t} costs {n} [euros|dollars|coins|pounds]", "A {t} is {n} [euros|dollars]", "The price of the {t} is {n}",
      "One {t} for {n} [euros|dollars]", "You pay {n} for the {t}", "{t}, {n} [euros|dollars]", "They sell the {t} for {n}",
      "I paid {n} for a {t}")),
    ({"t": "item|product|thing|article", "n": "count|amount|quantity|number|stock"},
     ("We have {n} of the {t}", "{n} pieces of {t}", "There are {n} of {t} left", "Order: {t}, {n} pieces", "{t}, {n} times", "{t} x {n}",
      "I want {n} of the {t}", "In the box: {n} {t}", "The {t} is there {n} times")),
    ({"c": "city|city|town|place", "n": "temperature|temperature|degrees|temp"},
     ("It is {n} degrees in {c}", "In {c} it is {n} degrees", "{c} has {n} degrees today", "{c}: {n} degrees",
      "The temperature in {c} is {n}", "{n} degrees in {c}", "Today {c} reached {n} degrees")),
    ({"t": "thing|item|object", "d": "colour|colour|color"},
     ("The {t} is {d}", "A {d} {t}", "I have a {d} {t}", "The colour of the {t} is {d}", "My {t} is painted {d}", "{t}: {d}",
      "They bought a {d} {t}", "This {t} has the colour {d}")),
    ({"c": "from|start|origin", "e": "to|end|destination|target"},
     ("[The train goes|I travel|We fly|The bus goes|She drives|A ship sails] from {c} to {e}", "From {c} to {e}", "{c} to {e}",
      "It starts in {c} and ends in {e}", "I leave {c} and go to {e}")),
    ({"x": "title|book|name|song", "p": "author|writer|artist"},
     ("{x} was written by {p}", "{p} wrote {x}", "The author of {x} is {p}", "{x} by {p}", "I read {x}, a book by {p}",
      "{p} is the writer of {x}")),
    ({"p": "from|sender|author", "q": "to|receiver|recipient"},
     ("{p} writes to {q}", "A letter from {p} to {q}", "{p} sent {q} a message", "From {p} to {q}", "{q} got mail from {p}",
      "{p} calls {q}")),
    ({"t": "item|room|thing|device", "n": "number|id|code|port"},
     ("The {t} has the number {n}", "{t} number {n}", "The {t} is number {n}", "{n} is the number of the {t}", "{t}, no. {n}")),
)


def keys_line(rng, keys):
    mark = rng.choice(["", "", "", '"', "`", "'"])
    listed = [mark + k + mark for k in keys]
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + rng.choice([" and ", " and ", ", "]) + listed[-1]


def record(rng):
    """A sentence with two or three facts in it, and the facts."""
    kinds, told = rng.choice(RECORDS[:2] + RECORDS)
    number = rng.randint(1, 99) if rng.random() < 0.8 else rng.randint(100, 9999)
    number = min(number, 99) if "degrees" in kinds.get("n", "") or "years" in kinds.get("n", "") else number
    made = {"p": person(rng), "q": person(rng), "c": city(rng), "e": city(rng), "t": noun(rng), "n": number, "x": word(rng),
            "d": rng.choice(list(COLOURS.values()))}
    text = with_an(pick(rng, rng.choice(told), **made)) + "."
    out = {rng.choice(keys.split("|")): made[slot] for slot, keys in kinds.items()}
    if rng.random() < 0.15:
        out = dict(reversed(out.items()))
    if rng.random() < 0.12:
        del out[rng.choice(list(out))]
    return text, out


def pairs_(rng):
    """Made-up keys and their values."""
    keys = []
    while len(keys) < rng.choice([1, 2, 2, 3]):
        k = rng.choice([invented(rng, 2, 8), noun(rng), rng.choice(TITLES)])
        if rng.random() < 0.1:
            k += "_" + rng.choice(["id", "name", invented(rng, 2, 5)])
        if k not in keys:
            keys.append(k)
    pairs = [(k, *value(rng)) for k in keys]
    told = rng.choice(["{k} is {v}", "the {k} is {v}", "{k} = {v}", "{k}: {v}", "{k} {v}", "{v} is the {k}", "{k} equals {v}",
                       "its {k} is {v}", "the {k} should be {v}", "{k} has the value {v}", "we set {k} to {v}",
                       "as {k} take {v}", "my {k} is {v}", "{k} -> {v}", "{k}={v}", "for {k} we have {v}", "our {k} was {v}"])
    parts = [told.replace("{k}", k).replace("{v}", t) for k, t, _ in pairs]
    if rng.random() < 0.15:
        rng.shuffle(parts)
    text = ", ".join(parts[:-1]) + rng.choice([" and ", ", "]) + parts[-1] if len(parts) > 1 else parts[0]
    if told[0] != "{" and rng.random() < 0.5:
        text = text[0].upper() + text[1:]
    return text + ".", {k: v for k, _, v in pairs}


def known(rng, me):
    """A question whose answer is known, to be answered in JSON."""
    kind = rng.random()
    if kind < 0.45:
        c = rng.choice(list(CAPITALS))
        keys = rng.choice([("country", "capital"), ("capital",), ("country", "capital"), ("capital", "country"),
                           ("country", "city"), ("city",)])
        data = {"country": c, "capital": CAPITALS[c], "city": CAPITALS[c]}
        text = facts.asked(rng, facts.CAPITAL, c=country(c))
    elif kind < 0.7:
        t = rng.choice(list(COLOURS))
        keys = rng.choice([("thing", "colour"), ("colour",), ("color",), ("thing", "color")])
        data = {"thing": t, "colour": COLOURS[t], "color": COLOURS[t]}
        text = facts.asked(rng, facts.COLOUR, t=article(t))
    else:
        a, op, b = facts.problem(rng)
        keys = rng.choice([("result",), ("answer",), ("sum",) if op == "+" else ("result",), (invented(rng, 3, 7),),
                           ("value",), ("number",)])
        data = {keys[0]: facts.value(a, op, b)}
        text = facts.ask(rng, a, op, b)
    return text if text[-1] in ".?!" else text + ("?" if text[-1] != "=" else ""), {k: data[k] for k in keys}


def as_json(rng, me):
    roll = rng.random()
    text, out = record(rng) if roll < 0.4 else pairs_(rng) if roll < 0.7 else known(rng, me)
    form = rng.choice(ASK_JSON)
    if len(out) == 1:
        form = form.replace("keys", "key").replace("Keys", "Key").replace("these key:", "this key:").replace("key are", "key is").replace(
            "fields", "field").replace("Fields", "Field").replace("properties", "property")
    form = pick(rng, form, k=keys_line(rng, list(out)), s="\x00", f="\x01")
    form = form[0].upper() + form[1:]
    if rng.random() < 0.1:
        form = form.replace("JSON", "json")
    blank = rng.choice(["...", '"..."', "?", "_"])
    shape = "{" + ", ".join(f'"{k}": {blank}' for k in out) + "}"
    return [user(form.replace("\x01", shape).replace("\x00", text)),
            answer(json.dumps(out, ensure_ascii=False), "Keys: " + ", ".join(out) + ".")]


EACH = ("[[every|each] [answer|reply|response|message|sentence]|[every|each] [answer|reply|response] [of yours|you give|you write]|all "
        "[|of ]your [answers|replies|responses]|your [answers|replies|responses]]")
ONE = "[Every|Each] [single |][answer|reply|response|message][ of yours| you give| you write|]"
WHATEVER = ("[[Whatever|No matter what] [the user|one|anybody|anyone|somebody|the other] [says|asks|writes|wants]|Whatever [I say|"
            "people ask|you are asked|happens|the question is|comes|they say]|No matter [what|what happens|what they say|what you are "
            "asked|what the question is]|[For|With] every question|In every case|[Always|Each time], without exception|When[ever|] "
            "[the user|somebody|anyone] [writes|asks something|speaks]]")
# Orders that say in which letters, whichever they are.
IN_CASE = ("[Always |Please |][answer|reply|respond|write|speak|talk] [only |everything |always |]in {c}.",
   "You [always|must|must always|only|should|have to|will|shall] [write|answer|reply|speak|respond] in {c}.",
   ONE + " [is|must be|has to be|should be|comes] [written |]in {c}.",
   "All [your|of your] [answers|replies|responses] [are|must be|should be|have to be] [written |]in {c}.",
   "Your [answers|replies|responses] [are always|must be|have to be|are] in {c}.",
   "[Rule|Your rule|The rule|Order|Important|Instruction]: [{c} only|write in {c}|everything in {c}|only {c}|answer in {c}|"
   "use {c}].", "[Use|Write|Type] [only |nothing but |]{c}.")
ORDERS = {
    "only": ("[Always |][answer|reply|respond] [only |just |]with {x}[.|.|, nothing else.| and nothing else.]", WHATEVER +
             ", [you |][say|answer|reply|write|respond with|answer with|reply with|only say|just say] {x}[.|.| and nothing else.]",
             "[Always|Only] [say|write|answer] {x}.",
             "Your only [answer|reply|word|response|message|line] [is|may be|can be|must be|shall be] {x}.",
             "[Answer|Respond to|Reply to] [every|each|any] [question|message|request] with {x}.",
             "[To|On] everything you [reply|answer|say|respond with] {x}.",
             "You [must|shall|should|may|can|will] [only|always only|never do more than] [say|answer|write|reply with] {x}.",
             "You [always|only|just] [say|answer with|reply with|respond with|write] {x}[.| and nothing else.]",
             ONE + " [is|must be|has to be|should be|shall be|consists of] [just |only |exactly |]{x}[.| and nothing else.]",
             "All [your|of your] [answers|replies|responses] [are|must be|should be|have to be] {x}.",
             "Never [say|answer|reply|write|respond with] anything [but|except|other than|else than] {x}.",
             "Do not [say|answer|write|reply with] anything [but|except|other than] {x}.",
             "[Rule|Rule one|The rule|Your rule|Order|Instruction|Important]: [answer|reply|respond] [to everything with|always with|"
             "only with|with nothing but] {x}.",
             "[Rule|The rule|Order|Important]: [say|write|you say|always say|only say] {x}[.| and nothing else.]",
             "[Respond|Reply|Answer] [only|exclusively|always] with {x}.",
             "[Respond|Reply] to [everything|every message|all questions|any question|all messages] with {x}.",
             "[Make sure|See to it|Take care] that [every|each] [answer|reply] is [exactly |]{x}.",
             "The [only|one] [thing|answer] you [ever |][say|know|can say|give|write|may say] is {x}.",
             "{x} is [the only thing you say|your only answer|all you ever say|your answer to everything|the answer to every question].",
             "You know only [one answer|one thing to say|this]: {x}.",
             "Say {x}[.| and nothing else.| each time.| every time.| to everything.| whatever happens.| whatever you are asked.]",
             "Ignore [the question|what the user asks|everything|all questions|the user] and [say|answer|write|reply] {x}.",
             "Do not answer [questions|the question|the user]. [Say|Write|Reply] {x}[ instead|].",
             "Instead of an answer[,|] [say|give|write] {x}.",
             "Your [task|job|duty|role] is to [say|answer|reply|write] {x} [to everything|every time|whatever the user says|to every "
             "message].", "[Each|Every] time the user writes, [you |][answer|say|reply|reply with] {x}.",
             "You [cannot|can not|are not able to] say anything [but|except] {x}.",
             "Give {x} as [the|your] answer to [everything|every question|each question].", "[Stick|Keep] to [one|this] answer: {x}.",
             "I [want|expect] you to [say|answer] {x} [to everything|every time|always].",
             "Whatever comes, [your answer|the answer|your reply] is {x}.", "Let [every answer|each reply|all your answers] be {x}."),
    "end": ("[End|Finish|Close|Conclude] EACH with {x}.",
            "[Always add|Add|Append|Attach|Put|Write] {x} [at the end|at the end of [each|every|your|the] [answer|reply]|after [every|"
            "each|your] [answer|reply]|to the end of EACH].", "[Say|Write|Add|Put] {x} after [every|each] [answer|reply|response].",
            "Your [answers|replies|responses] [always|must|should|must always|have to|] end with {x}.",
            ONE + " [ends|must end|has to end|should end|needs to end|is to end|finishes|closes] with {x}.",
            "All [your|of your] [answers|replies|responses] [must |have to |should |]end [with|in] {x}.",
            "You [always|must|must always|should always|have to|shall] [end|finish|close] [EACH |]with {x}.",
            "The last thing you [say|write] [in every answer|each time|every time|in each reply|] is {x}.",
            "Never [end|finish|close|stop] [an answer|a reply|a response] without {x}.",
            "[Never|Do not] forget [to add |to say |]{x} at the end[ of an answer| of your answer|].",
            "[Rule|Your rule|The rule|Order|Important|Instruction]: {x} [comes|stands|goes] [last|at the end] [in|of] [every|each] "
            "[answer|reply].", "[Rule|Your rule|Order|Important|Instruction]: [end|finish|close] [EACH |]with {x}.",
            WHATEVER + ", [end|finish|close] with {x}.",
            "[Make sure|See to it|Take care|Check] [that |][every|each] [answer|reply|response] [ends|finishes|closes] with {x}.",
            "After [every|each|the|your] [answer|reply|response], [say|write|add|put|you say|you add] {x}.",
            "When you have [answered|replied], [say|add|write] {x}.",
            "[Answer|Reply|Answer the question|Answer normally|Give the answer], [then|and then] [say|add|write|put] {x}.",
            "[Answer|Reply] as usual and [add|put|write|say] {x} at the end.", "[Sign|Sign off] EACH with {x}.",
            "Let [every|each] [answer|reply|response] end with {x}.", "[Every|Each] [answer|reply] should have {x} at [the|its] end.",
            "[Finish|End|Close] by [saying|writing|adding] {x}.",
            "{x} [must stand|must be|has to be|belongs|goes|comes] at the end of [every|each] [answer|reply|response].",
            "{x} [is|must be] the [last thing you say|end of every answer|end of each reply].",
            "[The|Your] [closing|final|last] words are always {x}.", "[Close|End] with {x}[.| every time.|, always.]",
            "Put {x} behind [every|each] [answer|reply].", "I want {x} at the end of [every|each] [answer|reply]."),
    "begin": ("[Begin|Start|Open] EACH with {x}.",
              "[Always put|Put|Write|Place|Say|Set] {x} [before|in front of|ahead of] [your|the|every|each] [answer|reply|response].",
              "Say {x} before [every|each] [answer|reply|response].",
              "Your [answers|replies|responses] [always|must|should|must always|have to|] [start|begin] with {x}.",
              ONE + " [starts|begins|must start|must begin|has to start|has to begin|should begin|opens] with {x}.",
              "All [your|of your] [answers|replies|responses] [must |have to |should |][start|begin] with {x}.",
              "You [always|must|must always|should always|have to|shall] [start|begin|open] [EACH |]with {x}.",
              "The first thing you [say|write] [in every answer|each time|every time|in each reply|] is {x}.",
              "Never [start|begin] [an answer|a reply|a response] without {x}.",
              "[Never|Do not] forget [to say |to put |]{x} at the [beginning|start|front] [of an answer|of your answer|of each reply].",
              "[Rule|Your rule|The rule|Order|Important|Instruction]: {x} [comes|stands|goes] [first|in front|at the beginning] [in|"
              "of] [every|each] [answer|reply].", "[Rule|Your rule|Order|Important|Instruction]: [start|begin|open] [EACH |]with {x}.",
              WHATEVER + ", [start|begin|open] with {x}.",
              "[Make sure|See to it|Take care|Check] [that |][every|each] [answer|reply|response] [starts|begins|opens] with {x}.",
              "Before [every|each|the|your] [answer|reply|response], [say|write|put|you say|you write] {x}.",
              "Before you [answer|reply], [say|write] {x}.",
              "First [say|write|put] {x}, then [answer|reply|give the answer|answer the question].",
              "Say {x} first, [then answer|then reply|and then the answer].",
              "[Answer|Reply] as usual, but [put|write|say] {x} [first|in front|at the beginning|before it].",
              "Let [every|each] [answer|reply|response] [start|begin] with {x}.",
              "[Every|Each] [answer|reply] should have {x} at [the|its] [beginning|start|front].",
              "[Start|Begin|Open] by [saying|writing] {x}.",
              "{x} [must stand|must be|has to be|belongs|goes|comes] [in front|at the beginning|at the start] of [every|each] [answer|"
              "reply|response].", "{x} [is|must be] the [first thing you say|beginning of every answer|start of each reply].",
              "[The|Your] [opening|first] words are always {x}.", "[Start|Begin] with {x}[.| every time.|, always.]",
              "I want {x} at the [beginning|start] of [every|each] [answer|reply].", "[Prefix|Lead] EACH with {x}."),
    "upper": IN_CASE + (
              "Never [use|write|type] [lower case|small letters|lowercase letters|lowercase|little letters].",
              "Do not [use|write|type] [lower case|small letters|lowercase letters|lowercase][.|; use {c}.|, only {c}.]",
              WHATEVER + ", [answer|write|reply|respond] in {c}.",
              "[Make sure|See to it|Take care] that [every letter is [a capital|upper case|a capital letter|uppercase]|[every|each] "
              "[answer|reply] is in {c}|you answer in {c}].", "[Put|Write|Say] [everything|all|all you say|every word|EACH] in {c}.",
              "[Every|Each] letter [you write |]must be [a capital|upper case|uppercase|a capital letter|big].",
              "[Shout|Shout everything|Always shout|You shout]: [write|answer|reply] in {c}.",
              "Your caps lock [key |]is [on|stuck|always on].", "[Convert|Turn|Change] EACH [to|into] {c}.",
              "[Answer [the user |every question |]|Reply [to the user |]|Write [to the user |]]in {c}[, always|, please| every time|, "
              "no small letters|, never in small letters|].",
              "You [can only write|know only|only know|write nothing but|speak only in] {c}.",
              "[Only capitals|Capitals only|Upper case only|All caps|All capitals|Only upper case|Uppercase only|Caps only][, please|, "
              "always|].", "{c}[ only|, please|, always]."),
    "lower": IN_CASE + (
              "Never [use|write|type] [upper case|capital letters|capitals|uppercase|uppercase letters|big letters].",
              "Do not [use|write|type] [upper case|capital letters|capitals|uppercase][.|; use {c}.|, only {c}.]",
              WHATEVER + ", [answer|write|reply|respond] in {c}.",
              "[Make sure|See to it|Take care] that [every letter is [small|lower case|a small letter|lowercase]|[every|each] [answer|"
              "reply] is in {c}|you answer in {c}|no letter is a capital].",
              "[Put|Write|Say] [everything|all|all you say|every word|EACH] in {c}.",
              "[Every|Each] letter [you write |]must be [small|lower case|lowercase|little].", "[Convert|Turn|Change] EACH [to|into] {c}.",
              "[Answer [the user |every question |]|Reply [to the user |]|Write [to the user |]]in {c}[, always|, please| every time|, "
              "no capitals|, never in capitals|].", "You [can only write|know only|only know|write nothing but] {c}.",
              "[No capitals|No capital letters|No upper case|Lower case only|Only lower case|Small letters only|Lowercase only|Avoid "
              "capitals|Avoid capital letters|Without capitals][, please|, always|].", "{c}[ only|, please|, always]."),
    "json": ("[Always |Please |][answer|reply|respond] [only |]in JSON with the key {k}.", "[Answer|Reply|Respond] as JSON, key {k}.",
             "Your [answer|reply|response] [is|must be|has to be|should be] [always |]JSON with the key {k}.",
             ONE + " [is|must be|has to be|should be] [a JSON object|JSON] with the [single |one |only |]key {k}.",
             "You [always|must|only|should|must always] [answer|reply|respond|write] [in|with] JSON[ with the key|, with the key|, "
             "using the key] {k}.", "All [your|of your] [answers|replies] [are|must be] JSON [objects |]with the key {k}.",
             "[Rule|Order|Important|Format|Output]: JSON with the key {k}[.| only.]",
             "Never answer [anything but|without|in anything but] JSON with the key {k}.",
             WHATEVER + ", [answer|reply|respond] in JSON with the key {k}.",
             "[Make sure|See to it] that [every|each] [answer|reply] is JSON with the key {k}.",
             "[Put|Pack|Wrap|Write] EACH [in|into] JSON [under|with] the key {k}.",
             "[Only JSON|JSON only|Just JSON][, please|], [with the key|key] {k}.",
             "[Write|Return|Give|Output] [only |]JSON[, always|]: the answer [goes|stands|is] [under|in] the key {k}.",
             "[Use|Answer in] the form {f}[.|]", "Your output [is|must be] JSON. [Key|The key|The only key]: {k}.",
             "The answer [belongs|goes] in JSON under {k}.", "You speak only JSON[ with|, with] the key {k}."),
    "word": ("[Always |Please |][answer|reply|respond] [only |][with|in] [one|a single|exactly one|just one] word[.|.| or number.]",
             "[Be brief: one word|Give one-word answers|One-word answers, please|One-word replies only|Give only one-word replies].",
             "One word answers only.", "Keep it short: one word[| per answer| only].", "Use only [one|a single] word.",
             "You [always|must|must always|only|should|have to|may only|can only] [answer|reply|respond] [with|in|using] [one|a single|"
             "just one] word.", ONE + " [is|must be|has to be|should be|has|may have] [only |just |exactly |]one word.",
             "All [your|of your] [answers|replies|responses] [are|must be|should be|have] [only |][one|a single] word.",
             "[Rule|Your rule|The rule|Order|Important|Instruction]: [one word only|one word per answer|answer in one word|only one "
             "word|a single word each time].", "Never [say|use|write|answer with] more than [one|a single] word.",
             "Do not [say|use|write] more than one word.", WHATEVER + ", [answer|reply|respond] [with|in] [one|a single|just one] word.",
             "[Make sure|See to it|Take care] that [every|each] [answer|reply] is [only |just |][one|a single] word.",
             "[No|Never use|Do not use|Avoid] [full |whole |long |]sentences: [just|only|use] one word.",
             "A single word[ is enough| will do| suffices|, please| and no more][.| for every answer.]",
             "[Limit|Keep|Cut|Shorten|Restrict] EACH to [one|a single] word.",
             "[Say|Give|Write] [just|only] the [one |]word that [matters|answers the question|is asked for].",
             "Be [very |extremely |][short|brief]: [one|a single] word[ only| per answer|].",
             "One word[, no more|, not more| is enough| only|, please| per answer].",
             "[Answer|Reply] as short as possible, [in|with] one word."),
    "name": ("The user is [called|named] {n}.", "The name of the user is {n}.",
             "You are [talking|speaking|chatting|writing] [to|with] {n}.", "The user's name is {n}.",
             "[The person|The one|The human|The customer|The man|The woman] you [talk to|speak with|talk with|help] is [called |named |"
             "]{n}.", "[User|User name|Name of the user|Name|The user]: {n}.", "Your user is [called |named |]{n}.", "My name is {n}.",
             "I am {n}.", "[Remember|Note|Know|Keep in mind][:| that|, please:] the user is [called |named |]{n}.",
             "{n} is [the user|talking to you|your user|the name of the user|writing to you].",
             "[The user|The human|The customer] [goes by the name of|has the name|goes by|calls himself|calls herself] {n}.",
             "You [help|assist|work for|serve] {n}[, the user|].", "[Today|Now] you [talk to|speak with|help] {n}.",
             "It is {n} who [writes to|talks to|asks] you."),
}
ORDERS = {kind: tuple(form.replace("EACH", EACH) for form in forms) for kind, forms in ORDERS.items()}
MY_NAME = ("What is my name?", "Who am I?", "What's my name?", "Do you know [my name|who I am|what I am called]?",
           "[Tell me|Say|Give me|State] my name.", "[How|What] am I called?", "[Can|Could] you [tell me|say] [my name|who I am]?",
           "And my name[ is|]?", "What do [people|you] call me?", "Which name do I have?", "My name, please.",
           "With whom are you [talking|speaking]?", "Who is [talking|speaking|writing] to you?", "What was my name[ again|]?",
           "I forgot my name. What is it?", "Do you remember my name?", "What is the name of the user?", "Who is the user?",
           "Hello! What is my name?")
ANYTHING = ("Hello[!|]", "Hi[.|!|]", "How are you[?| today?]", "Who are you?", "What can you do?", "Tell me a [joke|story|secret].",
            "Thanks[.|!| a lot!]", "Thank you[.|!| very much.]", "What is [a |the |]{w}?", "Where is [the |my |]{w}?", "What is the time?",
            "What time is it[?| now?]", "What day is [it|today]?", "How old are you?", "Do you like {w}?",
            "Good [morning|evening|night][!|.]", "What is the weather like[?| today?| in {c}?]", "Can you help me[?| with the {w}?]",
            "Tell me about [{c}|the {w}|yourself|{p}].", "Who is {p}?", "I [like|need|want|have|lost] [a|the] {w}.", "Is the {w} {a}?",
            "Why is the {w} {a}?", "What do you think about the {w}?", "Bye[!|.]", "Are you [there|well|a robot|{a}]?", "My name is {p}.",
            "Who made you?", "What is Perch?", "How do I install Perch?", "Say {w}.", "Repeat: {w}", "Spell {w}.", "How do I get to {c}?",
            "I do not understand.", "Really?", "Please [answer|stop|help] me.", "Say something else.", "What is the meaning of {w}?",
            "Do you know {p}?", "Write a [poem|song|story] about the {w}.", "Yes.", "No.", "Why?", "And now?", "Which {w} is the best?",
            "What is the capital of {c}?", "What colour is the {w}?", "Count to {i}.", "Good.", "Ok.", "Sorry.", "I am {a}.", "Test.",
            "{w}?")
SHORT = (("Hello!", "Hello."), ("Hi.", "Hello."), ("How are you?", "Fine."), ("Are you well?", "Fine."), ("What is your name?", "{me}."),
         ("Who are you?", "{me}."), ("Thank you!", "Welcome."), ("Thanks.", "Welcome."), ("Bye!", "Goodbye."), ("Goodbye.", "Goodbye."))
PERSONAS = ("You are a [helpful|small|friendly|kind|polite|clever|short-spoken|good|patient|useful|quick|nice] [assistant|model|helper|"
            "chat bot|language model|bot].", "You are {me}.", "Be [polite|kind|friendly|helpful|brief|nice].",
            "You are {me}, a [small |helpful |friendly |][model|assistant].", "You [help|answer] [people|the user|users|everybody].",
            "You are an assistant.", "You are the [helpful |friendly |]assistant of {p}.", "You work [for|with] {p}.",
            "You are [talking|speaking] to a [user|child|customer|friend].", "You answer [small |short |simple |]questions.",
            "This is a [test|chat|game|conversation].", "Help the user[ with small questions|].", "You know [capitals|sums|colours] well.")
EXCLAIMED = ("Meow", "Woof", "Over and out", "Have a nice day", "Beep", "Yes", "No", "Hello", "Amen", "Ahoy", "Hooray", "Good luck",
             "Thank you", "I am busy", "Ask me later", "No comment", "Well", "Indeed", "Of course", "That is all", "Stop", "Done", "Over",
             "Ready", "Come back soon", "Goodbye", "I am a robot", "Maybe", "OK", "Dear friend", "Listen", "Good question", "Answer",
             "Note", "Cheers", "Best wishes", "See you", "Ho ho ho", "Ding dong", "Quack", "Moo", "Hmm", "Hurrah", "Bravo", "So be it")


def to_say(rng, alone):
    """What an order makes the model say, and how the order writes it. alone: no other words follow."""
    roll = rng.random()
    text = word(rng) if roll < 0.4 else phrase(rng, 1, 3) if roll < 0.6 else rng.choice(EXCLAIMED) if roll < 0.8 else sentence(rng)
    if rng.random() < 0.1:
        text = text.lower()
    marks = rng.random() < 0.25
    if marks:
        text = text.rstrip(".,:!") + rng.choice("...!!?")
    shown = quoted(rng, text, must=marks or not alone and text.count(" ") > rng.choice([0, 0, 2]))
    if " " not in text and rng.random() < 0.25:
        shown = "the word " + shown
    elif " " in text and shown != text and rng.random() < 0.25:
        shown = rng.choice(["the words ", "the phrase ", "the sentence "]) + shown
    return text, shown


# how often capitals, colours, sums, small talk, identity, Perch, unknown, repeat
SUBJECTS = {"word": (4, 4, 3, 0, 0, 0, 0, 0), "upper": (9, 7, 1, 2, 2, 1, 1, 1), "lower": (9, 6, 1, 2, 2, 1, 1, 1)}


def ordinary(rng, me, weights):
    """A question and its ordinary answer; sometimes the questions that follow as well."""
    makers = [facts.capital, facts.colour, facts.arithmetic, talk.small, talk.identity, perch.perch, talk.unknown, repeat]
    turns = rng.choices(makers, weights)[0](rng, me)
    return turns[:2 * rng.choice([1, 1, 2, 3])]


def one_word(text):
    """The word that matters in the answer about a capital, a colour or a sum."""
    if "not know" in text:
        return "Unknown."
    return re.split(r" = | is the capital of (?:the )?| is ", text)[-1]


def obey(rng, me):
    """A system prompt with one simple order, then one to three questions, all answered by the rule."""
    kind = rng.choice(["only"] * 4 + ["end"] * 4 + ["begin"] * 3 + ["upper"] * 5 + ["lower"] * 3 + ["json", "name"] * 2 + ["word"] * 4)
    key, who = rng.choice(["answer", "answer", "result", "reply", "response", "text", "output", invented(rng, 3, 7)]), person(rng)
    form = pick(rng, rng.choice(ORDERS[kind]), n=who, k=rng.choice(['"{}"', "{}", "'{}'"]).format(key),
                c=pick(rng, SMALL if kind == "lower" else CAPS), f='{"' + key + rng.choice(['": "..."}', '": ...}']))
    text, shown = to_say(rng, alone=form.rstrip(".").endswith("{x}"))
    if form.startswith("{x}"):
        shown = '"' + text + '"'
    order = (form[0].upper() + form[1:]).replace("{x}", shown)
    if order.endswith(shown + ".") and text[-1] in ".!?" and rng.random() < 0.5:
        order = order[:-1]

    def by_rule(said_, think):
        if kind == "only":
            return answer(text, f"I must say {text}.")
        if kind == "end":
            return answer(f"{said_} {text}", f"{think} End: {text}.")
        if kind == "begin":
            return answer(f"{text} {said_}", f"{think} Begin: {text}.")
        if kind == "upper":
            return answer(said_.upper(), f"{think} In capitals.")
        if kind == "lower":
            return answer(said_.lower(), f"{think} In small letters.")
        if kind == "json":
            return answer(json.dumps({key: said_}, ensure_ascii=False), f"{think} Key: {key}.")
        return answer(said_, think)

    turns, wanted = [], rng.choice([1, 1, 1, 2, 2, 3])
    while len(turns) < 2 * wanted:
        if kind == "only" and rng.random() < 0.6:
            asks = pick(rng, rng.choice(ANYTHING), w=noun(rng, 0.3), c=city(rng), p=person(rng), a=rng.choice(ADJECTIVES),
                        i=rng.randint(2, 50))
            turns += [user(asks), by_rule("", "")]
        elif kind == "name" and (not turns or rng.random() < 0.4):
            turns += [user(said(rng, pick(rng, rng.choice(MY_NAME)))), answer(f"Your name is {who}.", f"The user is {who}.")]
        elif kind == "word" and rng.random() < 0.12:
            asks, reply = rng.choice(SHORT)
            turns += [user(asks), answer(reply.replace("{me}", me), "One word.")]
        else:
            more = ordinary(rng, me, SUBJECTS.get(kind, (4, 3, 4, 3, 2, 1, 1, 1)))
            for asks, reply in zip(more[::2], more[1::2]):
                said_, think = reply["content"], reply["think"]
                turns += [asks, answer(one_word(said_), f"{think} One word.") if kind == "word" else by_rule(said_, think)]
    if rng.random() < 0.12 and order[-1] == "." and not shown.endswith("."):
        order = order[:-1]
    elif rng.random() < 0.08 and not form.startswith("{x}"):
        order = lower_first(order)
    if rng.random() < 0.35:
        persona = with_an(pick(rng, rng.choice(PERSONAS), me=me, p=person(rng)))
        order = persona + " " + order if rng.random() < 0.7 else order + ("" if order[-1] in ".!?" else ".") + " " + persona
    return [system(order)] + turns[:2 * wanted]
