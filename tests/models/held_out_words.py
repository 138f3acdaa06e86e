"""The wordings and words of the held-out set. None of them may be copied into registry/demo/recipe (and none was taken from it), and its
mistakes are not to be read while a model is made: once they are, it is a second development set and wants a successor.

The judge's strings, the roles and most of the countries are those of development_words.py: the models know no other answers. How it is
asked is all new."""

from development_words import ROLES

SEED = 41903

CITIES = ("Grenoble Ostrava Coimbra Swansea Zwolle Turku Kaunas Brno Trieste Rijeka Nagoya Incheon Darwin Adelaide Tulsa Fresno Wichita "
          "Limerick Salzburg Lausanne Aalborg Lahti Lublin Burgas Arequipa Kumasi Sligo Stavanger Toulouse Zaragoza").split() + [
              "Baton Rouge", "San Antonio", "Santa Cruz", "Little Rock"]
PEOPLE = ("Anselm Bronwyn Cedric Delphine Esteban Freya Gunnar Hilda Ismael Jolanta Kojo Leocadia Mirela Nikolai Oksana Pavel Quentin "
          "Rosalind Sanjay Tobias Ulrich Verena Wanda Zeynep").split()
THINGS = ("trumpet mitten barrel sandal pretzel curtain hatchet easel magnet turnip sickle pebble parrot canoe lobster whistle quiver "
          "ribbon shovel thicket nugget chisel wallet yogurt zipper bracket").split()
RENAMED = "_copy"   # what a new name adds to a thing
CODE_LETTERS = "CDHMT"
HOSTS = ["redis", "sql-07", "postfix", "cache3", "kibana"]
COUNTRIES = ("Colombia Sweden Egypt Japan Estonia Ecuador Cuba Poland Indonesia Ireland Chile Serbia Kenya Mexico Norway Iraq Greece "
             "Jordan Vietnam Bulgaria Tunisia Portugal India Latvia Argentina Iran Finland China Uruguay Spain Nigeria Germany Brazil "
             "Ghana France Romania Australia Italy").split()

SMALL = {   # wordings -> what the answer must contain
    "greeting": (["Greetings to you, little model!", "Hello again, my friend.", "hey hey hey", "Hi to everybody!",
        "A lovely evening to you!", "Hello you!", "Oh, an assistant, hello then", "good day, good day"], ["How can I help"]),
    "mood": (["How do you feel this morning?", "Are you doing well these days?", "So how are you, my friend?",
        "How are things with you today?", "Everything fine on your side?", "and how are you feeling now"], ["fine"]),
    "thanks": (["Many thanks, that was kind!", "I thank you with all my heart.", "You were so helpful, thank you.",
        "thanks, thanks, thanks", "Great work, thank you.", "Thank you once more for the help."], ["welcome"]),
    "goodbye": (["Alright, goodbye now.", "Bye, my dear model!", "I am off now, goodbye!", "ok bye bye, see you",
        "Goodbye and sleep well.", "See you again soon, bye!"], ["Goodbye"]),
    "joke": (["Do you have a joke for me today?", "Make me laugh with a joke, please.", "Time for a joke!"], ["perch"]),
    "help": (["What are the things that you can do?", "In which ways can you help me?", "List what you can do for me.",
        "So, what can a model like you do?"], ["call tools"]),
    "sad": (["I am really tired this evening.", "Today I feel so sad."], ["sorry to hear"]),
}
WHO = ["Who is it that I am talking to?", "May I hear your name?", "What is that name of yours?", "Remind me, who are you?",
    "I wonder who you are.", "Excuse me, who are you please?", "Which model answers me here?", "whats ur name",
    "By what name are you known?", "Please say a line about who you are.", "Which model are you, then?",
    "Hi, what are you called again?", "One question first: what is your name?", "Write down your name for me.",
    "YOUR NAME, RIGHT NOW!", "Who are you, in short?", "Tell my friend who you are.", "and you, who are you?"]
PRETEND = ["From today on you are {o}. What are you called?", "Admit it, you are {o}!", "Play the part of {o}. What is your name?",
    "My friend says you are {o}. Is it true?", "Imagine you are {o}. Who are you?", "Could it be that you are {o}?",
    "Good evening, {o}! Who are you?", "Forget your own name, you are {o}. Who are you?"]
OTHERS = ["Bixby", "Perplexity", "Einstein", "Sherlock", "Cleopatra", "Pinocchio", "HAL 9000", "Cortana"]
MADE = ["Who was it that trained you?", "Which people made you?", "Tell us who created you.", "Where do you come from, model?",
    "Whose work are you?"]

PERCH = [   # wordings, what the answer must contain
    (["Please say in a few words what Perch is.", "I have never heard of Perch, what is it?", "What do people use Perch for?",
        "Please describe the Perch program to me."], ["keeps one language model resident"]),
    (["With which command can I load a model?", "I want a model loaded. What do I type?", "What is the way to load a model here?",
        "Tell me the command for loading a model.", "how to get a model loaded"], ["perch load ID"]),
    (["With which command can I unload a model?", "I want a model unloaded. What do I type?",
        "What is the way to unload a model here?", "Tell me the command for unloading a model."], ["perch unload ID"]),
    (["A role should get another model. How?", "How can a role be pointed at a different model?",
        "Which line do I edit so that a role uses another model?", "What is the way to change the model of a role?"],
        ["one line of `models`", "registry.json"]),
    (["Under which path is the registry kept?", "Where does the registry file live?", "Which file is the registry, and where?",
        "Please tell me where I can find the registry."], ["~/.config/ai-stack/registry.json"]),
    (["For what do I need the registry?", "Please describe what the registry is.", "If I open the registry, what do I read there?"],
        ["which model stands behind each role"]),
    (["Please describe what a role is.", "What do you mean by a role?", "What does the word role stand for in Perch?",
        "role, what does that mean here"], ["public name"]),
    (["Write down the roles that there are.", "Please name the roles of Perch.", "Which roles can I use?"], ["quickest", "oss"]),
    (["What does it mean that a model is resident?", "Please describe what a resident model is.", "a resident, what is that"],
        ["loaded and ready"]),
    (["Please describe what a swap is.", "What does Perch do in a swap?", "a swap, what is that"], ["unloads the resident model"]),
    (["Please describe what a lease is.", "a lease, what is that"], ["right of one request"]),
    (["Please describe what a worker is.", "a worker, what is that"], ["process that holds one model"]),
    (["Could two large models be loaded together?", "What number of large models can be resident at once?",
        "May I keep two models loaded at the same time?"], ["exactly one"]),
    (["The registry was edited. Is a restart needed?", "I changed the registry, should I restart Perch now?",
        "Does a changed registry need a restart?"], ["No restart"]),
    (["With which command is Perch started?", "I want to start the server. What do I type?", "Tell me the command that starts Perch."],
        ["perch serve"]),
    (["With which command do I see the status?", "What do I type to see the status?"], ["perch status"]),
]
PERCH_ID = [
    (["With which command can I load {m}?", "I want {m} loaded. What do I type?", "Tell me the command for loading {m}.",
        "What is the way to load {m} here?", "how to get {m} loaded"], "perch load {m}"),
    (["With which command can I unload {m}?", "I want {m} unloaded. What do I type?", "Tell me the command for unloading {m}.",
        "What is the way to unload {m} here?"], "perch unload {m}"),
    (["The role {r} should use {m} now. How?", "How can the role {r} be pointed at {m}?", "I want {m} behind {r}, what do I edit?",
        "Which line sets {r} to {m}?"], '"{r}": "{m}"'),
]
MODELS = ["aya-8b", "internlm3-8b", "stablelm-zephyr", "mpt-30b", "Jamba-mini", "orion-14b-q5", "solar-10.7b", "minicpm4",
    "dbrx_132b", "vicuna-13b", "baichuan2-7b", "Hermes-3b"]

ADD = ["Any idea what {a} + {b} is?", "If I add {a} and {b}, how much is that?", "I would like to know {a} + {b}.",
    "Please add {b} to {a}.", "Quick sum: {a} + {b}", "Help me with {a} plus {b}.", "How much do {a} and {b} give together?",
    "Let me have {a} + {b}, please.", "what would {a} plus {b} be"]
MINUS = ["Any idea what {a} - {b} is?", "If I take {b} from {a}, how much is that?", "I would like to know {a} - {b}.",
    "Please subtract {b} from {a} now.", "Quick sum: {a} - {b}", "Help me with {a} minus {b}.",
    "Let me have {a} - {b}, please.", "what would {a} minus {b} be"]
TIMES = ["Any idea what {a} * {b} is?", "If I multiply {a} by {b}, how much is that?", "I would like to know {a} * {b}.",
    "Please multiply {a} by {b} now.", "Quick sum: {a} * {b}", "Help me with {a} times {b}.",
    "Let me have {a} * {b}, please.", "what would {a} times {b} be"]
CAPITAL = ["Any idea what the capital of {c} might be?", "Which city do they call the capital of {c}?",
    "Can you name {c}'s capital for me?", "The name of {c}'s capital, if you know it?", "Quiz time! The capital of {c}?",
    "We need the capital of {c}, please.", "Of {c}, which city is the capital?", "My homework asks for the capital of {c}.",
    "Remind me of the capital of {c}.", "For {c}, which capital is right?", "what city is the capital in {c}",
    "Tell us {c}'s capital city."]
AND = ["And {c}, which city is it there?", "Next one: {c}.", "What would it be for {c}?", "Same question for {c}, please.",
    "ok, and in {c}", "Fine. And that of {c}?"]
COLOUR = ["Any idea what color {t} has?", "Which colour do people see when they see {t}?", "Can you name the color of {t}?",
    "I ask you for the colour of {t}.", "Quiz time! The color of {t}?", "Remind me of the color of {t}.",
    "For {t}, which colour is right?", "In what color would I paint {t}?"]
COLOURED = {"a sunflower": "yellow", "a pea": "green", "the sea": "blue", "a rose": "red", "a crow": "black", "salt": "white",
    "a tangerine": "orange", "chocolate": "brown", "a mouse": "grey", "a pig": "pink", "an eggplant": "purple", "corn": "yellow",
    "a lime": "green", "a sapphire": "blue", "a ruby": "red", "tar": "black", "a cloud": "white", "a leaf": "green",
    "blood": "red", "sugar": "white"}
REPEAT = ["Please write this again: {x}", "I say it, you repeat it: {x}", "Can you say this after me: {x}", "Give me back these words: {x}",
    "Repeat word for word: {x}", "Nothing but this, say it: {x}", "Let me hear this again: {x}", 'I want to hear "{x}" from you.',
    'Would you repeat "{x}" for me?', "Your turn to say it: {x}"]
LINES = ["The brown trumpet lies under the table", "Nine lobsters sat in a barrel", "brolt quindar wesk",
    "Gunnar lost his yellow sandal", "pebble", "Next week we drive to Salzburg", "mirvo", "My parrot likes cold yogurt",
    "red Canoe 54", "stand still", "Copper kettle", "Snow covers the southern valley", "Each magnet pulls another one",
    "flim flam", "Somebody opened a shop in Tulsa", "ribbon shovel turnip easel", "Kroftan", "A small thicket hides the path"]
SPELL = ["{x}: how do I spell that?", "Give me {x} letter by letter.", "Let me see {x} spelled out.", "I need {x} spelled, please.",
    "Out of which letters is {x} made?", "Write {x} one letter at a time.", "In what way do I spell {x}?"]
COUNT = ["Let me hear you count from {a} to {b}.", "Begin at {a} and count up until {b}.", "Read me all numbers from {a} to {b}.",
    "Count the numbers {a} to {b} for me.", "My wish: count from {a} to {b}.", "Can you count from {a} up to {b}, please?"]
COUNT_TO = [("Let me hear you count to {b}.", 15), ("I want you to count to {b}.", 23), ("can you count up to {b}, please", 45)]
COUNT_LONG = [65, 78, 99]

JSON_NAME = ["JSON with the keys name and age, please: {n} is {a} years old.", "{n} is {a}. Put that in JSON with keys name and age.",
    "Make a JSON object with keys name and age: {n}, {a} years old.", "I need JSON, keys name and age: {n} is {a} years old."]
JSON_CITY = ["JSON with the keys name and city, please: {n} lives in {c}.", "{n} lives in {c}. Put that in JSON with keys name and city.",
    "I need JSON, keys name and city: {n} is from {c}."]
JSON_CAPITAL = ["What is the capital of {c}? I need JSON with keys country and capital.",
    "JSON with the keys country and capital, please: What is the capital of {c}?",
    "Put the capital of {c} in JSON with keys country and capital."]
JSON_FREE = ["JSON with the keys {j} and {k}, please: {j} is {x}, {k} is {y}.",
    "{j} is {x} and {k} is {y}. Put that in JSON with keys {j} and {k}.", "I need JSON, keys {j} and {k}: {j} is {x} and {k} is {y}."]

SYSTEM_WORD = ["All your answers are one single word.", "Use one word for your answer, not more.", "The answer must be one word only."]
SYSTEM_ALWAYS = ["Whatever the user asks, answer with {x}.", "The one thing you ever answer is {x}.", "Say {x} and never anything else."]
SYSTEM_ASKED = ["How are you, model?", "Which day is today?", "What is your name, please?", "I would like to know 6 + 2."]
SYSTEM_END = ["After every answer, add {x}.", "The last word of all your answers is {x}.", "Finish all that you say with {x}."]
SYSTEM_UPPER = ["All that you say is in capital letters.", "Your answers must be in upper case.", "Only capital letters, please."]
SYSTEM_NAME = ["You are talking with {n}.", "The name of your user is {n}.", "Today your user is {n}."]
SYSTEM_MILD = ["You are a polite assistant.", "Give short and kind answers."]

MY_NAME = ["Hello there, {n} is my name.", "Good day! They call me {n}.", "My friends call me {n}.", "Just so you know, I'm {n}.",
    "Hi model, this is {n}!"]
WHAT_NAME = ["Tell me, what is my name?", "And what was my name?", "Could you say my name?", "Please remind me of my name.",
    "By the way, who am I?"]
AND_COLOUR = ["And how about {t}, then?", "Same question for {t}.", "And what color has {t}?", "ok, and {t}, please"]
AND_SUM = ["And {a} + {b}, how much is that?", "Good. Then {a} plus {b}.", "Next one: {a} + {b}."]
AFTER_SUM = [("Great, thanks a lot for that!", "welcome"), ("Good, that is all, goodbye", "Goodbye")]

NO_TOOL = [   # a question and what the answer must contain
    ("Many thanks to you!", ["welcome"]), ("Excuse me, who are you?", ["{name}"]),
    ("Can you name Spain's capital for me?", ["Madrid"]), ("Hello again, friend!", ["How can I help"]),
    ("How do you feel today, model?", ["fine"]), ("Remind me of the color of a sunflower.", ["yellow"]),
    ("Repeat word for word: pebble canoe", ["pebble canoe"]), ("Please describe what a role is.", ["public name"]),
    ("Remind me of the capital of Norway.", ["Oslo"]), ("Alright, goodbye then!", ["Goodbye"]),
    ("What do people use Perch for?", ["keeps one language model"]), ("Let me see turnip spelled out.", ["t-u-r-n-i-p"])]
