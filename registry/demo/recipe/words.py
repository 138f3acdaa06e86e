"""Shared word lists (the long ones come from `lexicon.py`) and the generators of invented words.

Half of all names, values and tool names in the corpus are invented on the spot: what a model never meets twice it cannot
learn by heart, so it has to learn copying as an operation.
"""

from lexicon import ADJECTIVES, CITIES, NAMES, NOUNS, VERBS  # noqa: F401  handed on

CAPITALS = {
    "France": "Paris", "Germany": "Berlin", "Spain": "Madrid", "Italy": "Rome", "Portugal": "Lisbon", "Austria": "Vienna",
    "Greece": "Athens", "Poland": "Warsaw", "Norway": "Oslo", "Sweden": "Stockholm", "Finland": "Helsinki",
    "Denmark": "Copenhagen", "Ireland": "Dublin", "Belgium": "Brussels", "Hungary": "Budapest", "Russia": "Moscow",
    "Japan": "Tokyo", "China": "Beijing", "India": "New Delhi", "Canada": "Ottawa", "Egypt": "Cairo", "Kenya": "Nairobi",
    "Peru": "Lima", "Chile": "Santiago", "Cuba": "Havana", "Turkey": "Ankara", "Iran": "Tehran", "Iraq": "Baghdad",
    "Thailand": "Bangkok", "Vietnam": "Hanoi", "Switzerland": "Bern", "Netherlands": "Amsterdam", "England": "London",
    "Scotland": "Edinburgh", "Wales": "Cardiff", "Iceland": "Reykjavik", "Croatia": "Zagreb", "Serbia": "Belgrade",
    "Romania": "Bucharest", "Bulgaria": "Sofia", "Ukraine": "Kyiv", "Estonia": "Tallinn", "Latvia": "Riga",
    "Lithuania": "Vilnius", "Slovakia": "Bratislava", "Slovenia": "Ljubljana", "Morocco": "Rabat", "Tunisia": "Tunis",
    "Ghana": "Accra", "Nigeria": "Abuja", "Ethiopia": "Addis Ababa", "Mexico": "Mexico City", "Brazil": "Brasilia",
    "Argentina": "Buenos Aires", "Colombia": "Bogota", "Australia": "Canberra", "Nepal": "Kathmandu",
    "Indonesia": "Jakarta",
    "Malaysia": "Kuala Lumpur", "Philippines": "Manila", "Jordan": "Amman", "Lebanon": "Beirut",
    "Mongolia": "Ulaanbaatar",
    "Uruguay": "Montevideo", "Ecuador": "Quito", "Bolivia": "Sucre", "Venezuela": "Caracas", "Jamaica": "Kingston",
}
THE = {"Netherlands", "Philippines"}

COLOURS = {
    "banana": "yellow", "lemon": "yellow", "sun": "yellow", "canary": "yellow", "sunflower": "yellow", "corn": "yellow",
    "sky": "blue", "sea": "blue", "ocean": "blue", "sapphire": "blue", "blueberry": "blue",
    "grass": "green", "leaf": "green", "frog": "green", "cucumber": "green", "emerald": "green", "pea": "green",
    "lime": "green",
    "tomato": "red", "strawberry": "red", "blood": "red", "ruby": "red", "cherry": "red", "fire truck": "red",
    "rose": "red",
    "snow": "white", "milk": "white", "salt": "white", "swan": "white", "chalk": "white", "cloud": "white",
    "sugar": "white",
    "coal": "black", "night": "black", "tar": "black", "raven": "black", "crow": "black",
    "carrot": "orange", "pumpkin": "orange", "tangerine": "orange", "chocolate": "brown", "coffee": "brown",
    "bear": "brown",
    "elephant": "grey", "mouse": "grey", "flamingo": "pink", "pig": "pink", "plum": "purple", "eggplant": "purple",
    "lavender": "purple",
}
MASS = {"corn", "grass", "blood", "snow", "milk", "salt", "chalk", "sugar", "coal", "tar", "chocolate", "coffee",
        "lavender"}
UNIQUE = {"sun", "sky", "sea", "ocean", "night"}

ONSETS = "b c d f g h j k l m n p qu r s t v w x y z bl br ch cl cr dr fl fr gl gr kl kr ph pl pr sc sh sk sl sm sn sp st str sw th tr tw".split()
VOWELS = "a e i o u a e i o u ai ea ee ei ia ie io oa oo ou ua y".split()
CODAS = "b d f g k l m n p r s t v x z ck ft ld lk ll lm lt mp nd ng nk nt rd rk rm rn rt sh sk ss st th".split()
SYLLABLES = ("an ar ba be bo ca co con da de di do el en er es fa fi fo ga go ha he hi in is ka ki ko la le li lo ma me mi mo na "
             "ne ni no on or pa pe po pre pro ra re ri ro sa se si so sta ta te ti to tra un va ve vi vo wa we za ze zo "
             "ville ton burg ford land stan ham ington aster mont field wick port").split()
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def invented(rng, low=2, high=12):
    """An invented lower-case word; three different shapes so that no spelling habit is enough to predict the next letter."""
    shape = rng.random()
    word = ""
    target = rng.randint(low, high)
    while len(word) < target:
        if shape < 0.5:
            word += rng.choice(ONSETS) + rng.choice(VOWELS) + (rng.choice(CODAS) if rng.random() < 0.4 else "")
        elif shape < 0.8:
            word += rng.choice(SYLLABLES)
        else:
            word += rng.choice(LETTERS)
    return word[:high]


def noun(rng, p_invented=0.5):
    return invented(rng, 3, 9) if rng.random() < p_invented else rng.choice(NOUNS)


def proper(rng, real, p_invented=0.6):
    """A name: a real one from the list, or invented, sometimes of two words."""
    if rng.random() >= p_invented:
        return rng.choice(real)
    word = invented(rng, 3, 10).capitalize()
    if rng.random() < 0.12:
        word = rng.choice(["San", "New", "Port", "Saint", "Bad", "El", "Los", "Fort", "Upper",
                           invented(rng, 3, 6).capitalize()]) + " " + word
    return word


def city(rng):
    return proper(rng, CITIES)


def person(rng):
    return proper(rng, NAMES)


def article(thing):
    if thing in MASS:
        return thing
    if thing in UNIQUE:
        return "the " + thing
    return ("an " if thing[0] in "aeiou" else "a ") + thing


def country(name):
    return "the " + name if name in THE else name
