"""What tools do: for each family the words of its name, descriptions, parameters and the ways a user asks for it.

A parameter is (key, name parts, type, descriptions, value maker, required). Requests name every key in braces; one that leaves
an optional key out is a request without it. "!" marks an order, which "Could you" and the like may precede. Everyday tools of every kind
are in tool_everyday.py, and tools that exist nowhere else are made up in tool_inventions.py.
"""

from words import ADJECTIVES, CAPITALS, NOUNS, VERBS, city, invented, noun, person, proper

ROOMS = "kitchen bedroom bathroom hall garage office cellar attic nursery study lounge hallway pantry workshop".split() + ["living room",
         "dining room", "guest room"]
SERVICES = "mqtt nginx redis postgres mysql kafka docker cron ssh dns mail proxy staging production".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()


def text(rng):
    """Words without an order, or a sentence as people write it."""
    if rng.random() < 0.4:
        return sentence(rng)
    words = [noun(rng, 0.3) if rng.random() < 0.5 else rng.choice(ADJECTIVES + VERBS + ["the", "my", "is", "at", "for"])
             for _ in range(rng.randint(1, 5))]
    return " ".join(words)


def sentence(rng):
    """What is said in a message; nothing that follows it is said to the model."""
    a, b, adjective, verb = noun(rng, 0.1), noun(rng, 0.1), rng.choice(ADJECTIVES), rng.choice(VERBS)
    out = rng.choice([f"the {a} is {adjective}", f"bring the {a}", f"I will be {rng.randint(5, 55)} minutes late", f"{verb} the {a} now",
                      f"we need a {adjective} {a}", f"my {a} is gone", f"please {verb} the {a}", f"call {person(rng)}", f"{a} and {b}",
                      f"the {a} is in the {b}", f"{adjective} {a}", f"I am at the {a}", f"see you at {clock(rng)}", f"{verb} {a}",
                      f"where is the {a}", f"do not {verb} the {b}", f"no {a} today", f"{person(rng)} has the {a}", f"{a} {b}",
                      f"{a} {b} {noun(rng, 0.3)}", f"the {a} needs {rng.randint(2, 90)} minutes", f"thanks for the {a}"])
    return out[0].upper() + out[1:] if rng.random() < 0.2 else out


def label(rng):
    """One to four words that name a thing, most of them real."""
    count = rng.choices([1, 2, 3, 4], [55, 30, 10, 5])[0]
    words = [invented(rng, 2, 9) if rng.random() < 0.14 else rng.choice(NOUNS) for _ in range(count)]
    if rng.random() < (0.08 if len(words) == 1 else 0.4):
        words[0] = rng.choice(ADJECTIVES)
    out = " ".join(words)
    return out.title() if rng.random() < 0.08 else out


def terms(rng):
    """What is looked up; unlike a message it ends before "please"."""
    return label(rng) if rng.random() < 0.6 else " ".join(rng.choice(NOUNS + ADJECTIVES + VERBS) for _ in range(rng.randint(1, 4)))


def clock(rng):
    return rng.choice([f"{rng.randint(0, 23):02d}:{rng.choice([0, 5, 10, 15, 20, 30, 40, 45, 50]):02d}",
                       f"{rng.randint(1, 12)} {rng.choice(['am', 'pm'])}"])


def day(rng):
    date = rng.randint(1, 28)
    return rng.choice([rng.choice(DAYS), rng.choice(DAYS), "tomorrow", f"{date} {rng.choice(MONTHS)}", f"{rng.choice(MONTHS)} {date}",
                       f"{rng.randint(2025, 2031)}-{rng.randint(1, 12):02d}-{date:02d}", f"next {rng.choice(DAYS)}"])


def code(rng):
    n = str(rng.randint(0, 10 ** rng.randint(1, 6)))
    return rng.choice([n, rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") + n, invented(rng, 2, 4).upper() + "-" + n,
                       invented(rng, 2, 5) + n])


def spot(rng):
    """What a thing among others of its kind is called: "velvet", "K12", "old mango", "7"."""
    return rng.choice([label, label, label, lambda r: rng.choice(NOUNS), lambda r: rng.choice(NOUNS), code, code,
                       lambda r: invented(r, 2, 9), lambda r: str(r.randint(1, 40)),
                       lambda r: r.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") + str(r.randint(1, 99)),
                       lambda r: r.choice("north south east west front back left right upper lower main side inner outer".split())])(rng)


def room(rng):
    return rng.choice(ROOMS) if rng.random() < 0.4 else rng.choice(NOUNS) if rng.random() < 0.5 else invented(rng, 3, 9)


def place(rng):
    return rng.choice([city, label, lambda r: proper(r, [n.capitalize() for n in r.sample(NOUNS, 3)], 0.3) + " " + r.choice(
        ["Street", "Square", "Park", "Bridge", "Station", "Road"]), spot])(rng)


def host(rng):
    return rng.choice([lambda r: r.choice(NOUNS), lambda r: r.choice(NOUNS) + "-" + r.choice(["api", "db", "web", "worker", "main"]),
                       lambda r: invented(r, 2, 8), lambda r: r.choice(NOUNS) + r.choice(["", "-"]) + str(r.randint(1, 20)),
                       lambda r: r.choice(SERVICES)])(rng)


def slug(rng):
    return rng.choice("-_/-") .join(noun(rng, 0.3) for _ in range(rng.choice([1, 1, 2, 2, 3]))) + rng.choice(["", "", "-v2", "-" + str(
        rng.randint(1, 400))])


def mail(rng):
    return f"{noun(rng, 0.6)}@{noun(rng, 0.6)}.{rng.choice(['com', 'org', 'net', 'de', 'io'])}"


def domain(rng):
    return f"{noun(rng, 0.5)}.{rng.choice(['com', 'org', 'net', 'de', 'io', 'dev'])}"


def path(rng):
    parts = [noun(rng) for _ in range(rng.randint(1, 3))]
    return rng.choice(["", "/", "./"]) + "/".join(parts) + rng.choice([".txt", ".md", ".json", ".csv", ".log", ".py", ""])


def file(rng):
    return noun(rng, 0.3) + rng.choice([".pdf", ".png", ".jpg", ".doc", ".txt", "", ".svg"])


def number(low, high):
    return lambda rng: rng.randint(low, rng.choice([low + 10, (low + high) // 2, high]))


def one_of(*items):
    return lambda rng: rng.choice(items)


def digits(rng):
    return str(rng.randint(10, 10 ** rng.randint(2, 8)))


MAKERS = {
    "spot": spot, "room": room, "label": label, "person": person, "city": city, "code": code, "mail": mail, "path": path, "clock": clock,
    "day": day, "host": host, "slug": slug, "place": place, "file": file, "digits": digits, "sentence": sentence, "domain": domain,
    "word": lambda rng: noun(rng, 0.4), "country": lambda rng: proper(rng, list(CAPITALS), 0.3),
    "version": lambda rng: rng.choice(["", "v"]) + f"{rng.randint(0, 12)}.{rng.randint(0, 30)}" + rng.choice(["", f".{rng.randint(0, 9)}"]),
    "ip": lambda rng: ".".join(str(rng.randint(1, 254)) for _ in range(4)),
    "flight": lambda rng: invented(rng, 2, 2).upper() + rng.choice(["", " "]) + str(rng.randint(10, 9999)),
    "seat": lambda rng: str(rng.randint(1, 60)) + rng.choice("ABCDEF"),
    "url": lambda rng: rng.choice(["https://", "", "www."]) + domain(rng) + "/" + noun(rng),
}
SPOKEN = (text, sentence)             # what is said in these ends where the request ends
TIMES = (clock, day)                  # "today" after these would belong to them
UNITS = ("celsius", "fahrenheit")
LANGUAGES = "German French Spanish Italian Dutch Polish Greek Latin Japanese Russian Danish Welsh".split()
MONEY = "USD EUR GBP JPY CHF SEK NOK PLN".split()
CITY = ("city", ["city", "location", "place", "town", "where"], "string",
        ["The city", "City name", "Name of the city", "The place", "A city", "The city to look up"], city, True)
MINUTES = ("minutes", ["minutes", "duration", "mins"], "integer", ["Minutes", "Number of minutes", "How many minutes",
    "Duration in minutes"], number(1, 90), True)

FAMILIES = {
    "weather": dict(
        parts=["get weather", "weather", "current weather", "weather lookup", "get forecast", "weather now",
               "fetch weather", "local weather"],
        about=["Get the current weather for a city", "Get the weather", "Weather in a city",
               "Returns the weather of a place", "Current weather", "Look up the weather forecast", "Tells the weather"],
        params=[CITY, ("unit", ["unit", "units", "scale"], "string",
                       ["Temperature unit", "Unit", "celsius or fahrenheit"], one_of(*UNITS), False)],
        asks=["what is the weather in {city}?", "what's the weather [like|] in {city}?",
              "how is the weather in {city}?", "weather in {city}?",
              "![tell me|give me|get|check] the weather in {city}", "is it [raining|warm|cold|sunny] in {city}?",
              "what weather do they have in {city}?", "[can|could] you check the weather [in|for] {city}?",
              "I am in {city}. How is the weather?", "I travel to {city}. What is the weather there?",
              "how [warm|cold] is it in {city}?", "what is the temperature in {city}?", "what is the weather in {city} in {unit}?",
              "weather in {city}, in {unit}", "how warm is it in {city} in {unit}?",
              "!give me the weather for {city} in {unit}", "{city} weather", "weather {city}", "weather: {city}",
              "{city}: weather?", "!look how the weather is in {city}", "do I need an umbrella in {city}?",
              "is it nice outside in {city}?", "forecast for {city}", "temperature in {city}, {unit}", "{city} weather in {unit}",
              "how hot is it in {city}?", "!let me know the weather in {city}", "I want to know the weather in {city}"]),
    "time": dict(
        parts=["get time", "time", "current time", "local time", "clock", "world clock", "time in city"],
        about=["Get the current time in a city", "Current time", "Local time of a city", "Tells what time it is",
               "Returns the time in a place"], params=[CITY],
        asks=["what time is it in {city}?", "time in {city}?", "![tell me|give me|get|check] the time in {city}",
              "what is the [local |current |]time in {city}?", "how late is it in {city}?",
              "[can|could] you check the time in {city}?", "which time do they have in {city}?", "{city} time", "time {city}",
              "what does the clock say in {city}?", "{city}: what time?", "how late is it now in {city}?",
              "!look up the time in {city}", "is it night in {city}? What time is it there?", "local time {city}",
              "what hour is it in {city}?"]),
    "add": dict(
        parts=["add", "add numbers", "sum", "plus", "calc sum"], about=["Add two numbers",
            "Returns the sum of two numbers", "Sum of a and b", "Adds numbers"],
        params=[("a", ["a", "x", "first", "left", "n1"], "integer", ["First number", "The first number", "Number one"],
                 number(0, 999), True), ("b", ["b", "y", "second", "right", "n2"], "integer",
                                         ["Second number", "The second number", "Number two"], number(0, 999), True)],
        asks=["!add {a} and {b}", "what is {a} + {b}?", "what is {a} plus {b}?", "![calculate|compute] {a} + {b}",
              "what is the sum of {a} and {b}?", "!sum {a} and {b}", "how much is {a} + {b}?", "{a} + {b}", "{a} plus {b}",
              "!put {a} and {b} together", "{a} and {b}, what is the sum?", "sum of {a} and {b}", "!add up {a} and {b}",
              "!add {a} to {b}"]),
    "multiply": dict(
        parts=["multiply", "times", "product", "mul"], about=["Multiply two numbers",
            "Returns the product of two numbers", "Multiplies numbers"],
        params=[("a", ["a", "x", "first", "factor"], "integer", ["First number", "The first number"], number(0, 999),
                 True), ("b", ["b", "y", "second", "by"], "integer", ["Second number", "The second number"],
                         number(0, 999), True)],
        asks=["!multiply {a} by {b}", "what is {a} * {b}?", "what is {a} times {b}?", "![calculate|compute] {a} * {b}",
              "!multiply {a} and {b}", "what is the product of {a} and {b}?", "{a} * {b}", "{a} times {b}",
              "product of {a} and {b}", "how much is {a} times {b}?", "{a} x {b}"]),
    "search": dict(
        parts=["search", "web search", "search web", "find", "google", "lookup", "query"],
        about=["Search the web", "Find pages on the web", "Web search", "Searches for a text",
               "Look something up on the internet"],
        params=[("query", ["query", "q", "text", "search", "term"], "string",
                 ["What to search for", "The search text", "Query", "Search term"], terms, True),
                 ("limit", ["limit", "count", "max", "n"], "integer",
                  ["How many results", "Number of results", "Maximum number of results"], number(1, 20), False)],
        asks=["!search [the web |]for {query}", "!search {query}", "!look up {query} on the [web|internet]",
              "!find {query} on the [web|internet]", "!search for {query}", "!search the web for {query} and show {limit} results",
              "!find {limit} results [for|about] {query}", "web search: {query}", "!google {query}", "web: {query}",
              "is there anything on the web about {query}?", "!look on the internet for {query}", "search: {query}",
              "!find pages about {query}", "{query}, search the web", "I want to read about {query} on the web",
              "search: {query}, {limit} results", "!get {limit} web results for {query}"]),
    "email": dict(
        parts=["send email", "email", "send mail", "mail", "write email"],
        about=["Send an email", "Sends an e-mail to someone", "Send mail to an address"],
        params=[("to", ["to", "recipient", "address", "email"], "string",
                 ["Recipient", "The address", "Who gets the email"], mail, True),
                 ("subject", ["subject", "title", "about"], "string", ["Subject", "The subject line"], text, False),
                ("body", ["body", "text", "message", "content"], "string",
                 ["Body", "The text of the email", "Message text"], text, False)],
        asks=["!send an email to {to}", "!email {to}: {body}",
              "!send an email to {to} with the subject {subject} and the text {body}", "!send {to} an email about {subject}",
              "!write an email to {to} that says {body}", "!mail {to} with subject {subject}",
              "!send an email to {to} with subject {subject} saying {body}", "email to {to}: {body}", "mail {to}: {body}",
              "!write to {to}, subject {subject}", "subject {subject}, to {to}", "!let {to} know by email: {body}",
              "email {to}, subject {subject}, text {body}"]),
    "message": dict(
        parts=["send message", "message", "text", "chat message", "send sms", "notify"],
        about=["Send a message to a person", "Sends a text message", "Send a chat message", "Notify a person"],
        params=[("who", ["to", "who", "person", "name", "user", "contact"], "string",
                 ["The person", "Who gets the message", "Name", "Recipient"], person, True),
                 ("text", ["text", "message", "body", "content"], "string", ["The text", "Message text", "What to say"],
                  text, True)],
        asks=["!send a message to {who}: {text}", "!text {who}: {text}", "!tell {who}: {text}", "!send {who} the message {text}",
              "!message {who} that {text}", "!write to {who}: {text}", "!send {text} to {who}", "message {who}: {text}",
              "message for {who}: {text}", "!let {who} know: {text}", "{who} should know: {text}",
              "!drop {who} a line: {text}", "!say to {who}: {text}", "sms to {who}: {text}"]),
    "remind": dict(
        parts=["set reminder", "reminder", "remind", "create reminder", "add reminder"],
        about=["Set a reminder", "Remind the user", "Creates a reminder for later"],
        params=[("what", ["text", "what", "task", "title", "note"], "string", ["What to remind of", "The text", "Task"],
                 text, True), ("when", ["time", "when", "at"], "string", ["When", "The time", "Time of the reminder"],
                               clock, True)],
        asks=["!remind me at {when}: {what}", "!set a reminder for {when}: {what}", "!remind me of {what} at {when}",
              "at {when} remind me of {what}", "!set a reminder at {when} for {what}", "reminder {when}: {what}",
              "{when}: {what}, remind me", "I must not forget {what} at {when}", "reminder: {what}, {when}",
              "at {when} I have to think of {what}", "!do not let me forget at {when}: {what}"]),
    "alarm": dict(
        parts=["set alarm", "alarm", "wake", "create alarm"], about=["Set an alarm", "Sets an alarm clock",
            "Wake the user at a time"], params=[("when", ["time", "when", "at", "hour"], "string",
                                                 ["The time", "When", "Time of the alarm"], clock, True)],
        asks=["!set an alarm for {when}", "!wake me at {when}", "alarm at {when}", "!set the alarm to {when}",
              "I need an alarm at {when}", "!wake me up at {when}", "alarm {when}", "wake-up at {when}",
              "I have to get up at {when}", "{when} alarm", "!ring at {when}", "!get me out of bed at {when}", "alarm: {when}",
              "I want to sleep until {when}"]),
    "timer": dict(
        parts=["set timer", "timer", "start timer", "countdown"], about=["Start a timer", "Sets a timer",
            "Start a countdown of some minutes"], params=[MINUTES],
        asks=["!set a timer for {minutes} minutes", "!start a timer of {minutes} minutes", "timer for {minutes} minutes",
              "{minutes} minutes timer", "!start a countdown of {minutes} minutes", "timer {minutes} minutes",
              "{minutes} minutes, timer", "!count down {minutes} minutes", "timer: {minutes}",
              "!tell me when {minutes} minutes are over", "!time {minutes} minutes", "the eggs need {minutes} minutes"]),
    "light": dict(
        parts=["set light", "light", "switch light", "lamp", "toggle light", "lights"],
        about=["Switch a light on or off", "Turn the light in a room on or off", "Controls the lights"],
        params=[("room", ["room", "place", "where", "area"], "string", ["The room", "Which room", "Room name"],
                 room, True),
                 ("on", ["on", "state", "active", "enabled"], "boolean",
                  ["On or off", "true is on", "Whether the light is on"], one_of(True, False), True)],
        asks=["!turn {on} the light in the {room}", "!switch {on} the {room} light", "light {on} in the {room}",
              "!turn the {room} lights {on}", "!switch the light in the {room} {on}", "!turn {on} the lights in the {room}",
              "{room} light {on}", "light {room} {on}", "{room}: light {on}", "!make the light in the {room} go {on}",
              "lights {on}, {room}", "{on} with the light in the {room}"]),
    "heat": dict(
        parts=["set temperature", "thermostat", "heating", "set thermostat"],
        about=["Set the temperature of a room", "Controls the thermostat", "Set the heating to a temperature"],
        params=[("degrees", ["temperature", "degrees", "value", "temp"], "integer",
                 ["Degrees", "The temperature", "Temperature in degrees"], number(10, 30), True),
                 ("room", ["room", "zone", "where"], "string", ["The room", "Which room"],
                  room, False)],
        asks=["!set the temperature to {degrees} degrees", "!set the heating to {degrees}",
              "!make it {degrees} degrees in the {room}", "!set the {room} to {degrees} degrees",
              "!heat the {room} to {degrees} degrees", "!set the thermostat in the {room} to {degrees}", "{room} {degrees} degrees",
              "{degrees} degrees in the {room}", "heating {degrees}", "thermostat {degrees}", "{room}: {degrees} degrees",
              "!make it warmer in the {room}: {degrees}", "the {room} should have {degrees} degrees",
              "!warm the {room} to {degrees} degrees", "I am cold, {degrees} degrees"]),
    "play": dict(
        parts=["play music", "play", "play song", "music", "start music"],
        about=["Play music", "Play a song", "Plays a song by name", "Start playing music"],
        params=[("song", ["song", "title", "track", "name", "query"], "string",
                 ["The song", "Song title", "What to play"], label, True), ("volume", ["volume", "level", "loudness"], "integer",
                                     ["Volume", "Volume from 0 to 100"], number(0, 100), False)],
        asks=["!play {song}", "!play the song {song}", "I want to hear {song}", "!play {song} at volume {volume}",
              "!start the song {song}", "!play {song} with volume {volume}", "song {song}", "music: {song}",
              "!put on the song {song}", "!let me hear {song}", "!play {song}, volume {volume}", "song: {song}",
              "I would like to listen to {song}"]),
    "translate": dict(
        parts=["translate", "translate text", "translation", "translator"],
        about=["Translate a text", "Translate text into another language", "Translates words"],
        params=[("text", ["text", "input", "words", "source"], "string", ["The text", "Text to translate"], text, True),
                ("language", ["language", "target", "to", "lang", "target language"], "string",
                 ["Target language", "The language", "Language to translate to"], lambda rng: proper(rng, LANGUAGES, 0.3),
                 True)],
        asks=["!translate {text} to {language}", "!translate {text} into {language}", "what is {text} in {language}?",
              "how do you say {text} in {language}?", "!say {text} in {language}", "{text} in {language}?", "{text} to {language}",
              "!put {text} into {language}", "translation of {text} into {language}", "{language} for {text}?",
              "{text}: {language}?"]),
    "stock": dict(
        parts=["get stock price", "stock price", "stock", "quote", "share price"],
        about=["Get the price of a stock", "Stock price", "Current share price", "Returns the price of a share"],
        params=[("symbol", ["symbol", "ticker", "stock", "company"], "string", ["Symbol", "The stock symbol", "Ticker"],
                 lambda rng: invented(rng, 2, 5).upper() if rng.random() < 0.7 else invented(rng, 3, 8).capitalize(),
                 True)],
        asks=["what is the stock price of {symbol}?", "stock price of {symbol}?", "what does a share of {symbol} cost?",
              "!get the stock price of {symbol}", "how much is {symbol} stock?", "price of {symbol} shares?",
              "!check the {symbol} stock", "{symbol} stock", "{symbol} share price", "stock {symbol}",
              "how is {symbol} doing on the market?", "{symbol}: price of a share?", "what are {symbol} shares worth?"]),
    "convert": dict(
        parts=["convert currency", "convert money", "currency", "exchange", "convert"],
        about=["Convert money into another currency", "Currency converter", "Exchange an amount of money"],
        params=[("amount", ["amount", "value", "sum", "quantity"], "integer",
                 ["The amount", "Amount of money", "How much"], number(1, 9999), True),
                 ("source", ["from", "source", "from currency", "base"], "string",
                  ["From currency", "Source currency", "The currency to convert from"], one_of(*MONEY), True),
                ("target", ["to", "target", "to currency", "into"], "string",
                 ["To currency", "Target currency", "The currency to convert to"], one_of(*MONEY), True)],
        asks=["!convert {amount} {source} to {target}", "how much is {amount} {source} in {target}?",
              "!exchange {amount} {source} into {target}", "what is {amount} {source} in {target}?",
              "!change {amount} {source} to {target}", "{amount} {source} in {target}", "{amount} {source} to {target}",
              "!turn {amount} {source} into {target}", "{amount} {source}, how many {target}?",
              "I have {amount} {source} and need {target}", "{amount} {source} = ? {target}"]),
    "order": dict(
        parts=["get order", "order status", "track order", "find order", "order"],
        about=["Get the status of an order", "Track an order", "Look up an order by its number", "Order status"],
        params=[("id", ["order id", "id", "order", "number", "orderId"], "string",
                 ["The order id", "Order number", "Number of the order"], code, True)],
        asks=["where is my order {id}?", "what is the status of order {id}?", "!track order {id}", "!check order {id}",
              "!find my order {id}", "has order {id} been sent?", "order {id}, where is it?", "order {id}", "order {id}?",
              "status of order {id}", "what about my order {id}?", "order {id}: status?", "when does order {id} come?",
              "did order {id} leave?", "I am waiting for order {id}"]),
    "file": dict(
        parts=["read file", "open file", "cat", "load file", "get file"],
        about=["Read a file", "Returns the content of a file", "Open a file and read it"],
        params=[("path", ["path", "file", "filename", "name"], "string", ["The path", "File path", "Path of the file"],
                 path, True)],
        asks=["!read the file {path}", "!open {path}", "!show me the file {path}", "what is in {path}?", "!read {path}",
              "!show the content of {path}", "!print the file {path}", "file {path}", "{path}: what does it say?",
              "what does {path} say?", "!print out what is in {path}", "!give me the content of {path}", "I want to see {path}",
              "!load {path}"]),
    "event": dict(
        parts=["create event", "add event", "calendar", "new meeting", "schedule", "schedule meeting"],
        about=["Create an event in the calendar", "Add a meeting to the calendar", "Schedule a meeting"],
        params=[("who", ["with", "person", "guest", "attendee", "who"], "string", ["The person", "With whom", "Guest"],
                 person, True), ("when", ["time", "when", "start", "at"], "string", ["The time", "Start time", "When"],
                                 clock, True), ("minutes", ["minutes", "duration", "length"], "integer",
                                                ["Minutes", "Length in minutes", "Duration"], number(5, 120), False)],
        asks=["!schedule a meeting with {who} at {when}", "!create a meeting with {who} at {when}",
              "I meet {who} at {when}, add it to the calendar", "!add a meeting with {who} at {when} for {minutes} minutes",
              "!schedule {minutes} minutes with {who} at {when}", "!put a meeting with {who} at {when} in my calendar",
              "meeting {who} {when}", "meeting with {who} at {when}", "{when}: meeting with {who}", "calendar: {who}, {when}",
              "I see {who} at {when} for {minutes} minutes", "!meet {who} at {when}, {minutes} minutes",
              "!plan {minutes} minutes with {who} at {when}"]),
    "note": dict(
        parts=["save note", "add note", "note", "create note", "write note"],
        about=["Save a note", "Write down a note", "Stores a note"],
        params=[("text", ["text", "note", "content", "body"], "string", ["The text", "Text of the note", "The note"],
                 text, True)],
        asks=["!save the note {text}", "note: {text}", "!make a note: {text}", "!write down: {text}", "!take a note: {text}",
              "!save a note that says {text}", "!put down: {text}", "!keep this: {text}", "new note: {text}", "!jot down {text}",
              "for my notes: {text}", "!remember: {text}"]),
    "contact": dict(
        parts=["find contact", "get contact", "contact", "phone book", "get phone number"],
        about=["Find the phone number of a person", "Look up a contact", "Phone book"],
        params=[("who", ["name", "person", "who", "contact"], "string", ["The name", "Name of the person", "Who"], person,
                 True)],
        asks=["what is the phone number of {who}?", "!find the number of {who}", "!look up the contact {who}",
              "I need the phone number of {who}", "phone number of {who}?", "do you have the number of {who}?", "number of {who}",
              "{who}, phone number?", "{who}: number?", "how can I reach {who} by phone?", "!get me the number of {who}",
              "what is the telephone number of {who}?"]),
    "route": dict(
        parts=["find route", "route", "directions", "get directions", "navigate"],
        about=["Find the way between two cities", "Route from one place to another", "Directions between places"],
        params=[("start", ["from", "start", "origin", "source"], "string", ["From", "Start", "Where the trip starts"],
                 city, True), ("end", ["to", "end", "destination", "goal"], "string",
                               ["To", "Destination", "Where the trip ends"], city, True),
                               ("mode", ["mode", "by", "transport"], "string", ["Mode", "How to travel"],
                                one_of("car", "train", "bike", "bus", "foot"), False)],
        asks=["!find the way from {start} to {end}", "how do I get from {start} to {end}?", "route from {start} to {end}",
              "directions from {start} to {end}", "how do I get from {start} to {end} by {mode}?",
              "!find a {mode} route from {start} to {end}", "I am in {start} and want to go to {end}. What is the way?",
              "{start} to {end}", "{start} - {end}, the way?", "from {start} to {end} by {mode}", "way from {start} to {end}",
              "!show me how to go from {start} to {end}", "!take me from {start} to {end}", "route {start} {end}",
              "I want to go by {mode} from {start} to {end}"]),
    "news": dict(
        parts=["get news", "news", "headlines", "latest news"], about=["Get the news about a topic", "Latest news",
            "News headlines"], params=[("topic", ["topic", "about", "subject", "query"], "string",
                                        ["The topic", "Topic", "News about what"], label, True)],
        asks=["what is the news about {topic}?", "news about {topic}?", "!get the latest news on {topic}",
              "!show me news about {topic}", "!give me the news on {topic}", "any news about {topic}?", "{topic} news",
              "news: {topic}", "what is new about {topic}?", "what happened with {topic}?", "headlines about {topic}",
              "what do the papers say about {topic}?"]),
    "random": dict(
        parts=["roll dice", "dice", "roll", "random number", "flip coin", "lucky number"],
        about=["Roll the dice", "Roll a die", "Throws a die", "Gives a dice roll"], params=[],
        asks=["!roll the dice", "!roll a die", "!throw the dice", "dice", "!let the dice roll",
              "a roll of the dice", "roll", "!give me a roll of the dice", "I want to roll the dice"]),
    "ping": dict(
        parts=["ping", "ping host", "check host", "check server"], about=["Ping a server", "Check whether a host is up",
            "Ping a host"], params=[("host", ["host", "server", "address", "name"], "string",
                                     ["The host", "Host name", "Server"],
                                     lambda rng: rng.choice([invented(rng, 2, 9),
                                         invented(rng, 2, 6) + "." + invented(rng, 2,
                                             6) + rng.choice([".com", ".net", ".local"]),
                                             f"10.0.{rng.randint(0, 255)}.{rng.randint(1, 254)}"]), True)],
        asks=["!ping {host}", "!check whether {host} is up", "is {host} up?", "!ping the server {host}",
              "is the host {host} alive?", "{host} up?", "does {host} answer?", "is {host} online?", "!see if {host} is up",
              "{host}: alive?", "can you reach {host}?", "ping: {host}", "is {host} down?"]),
    "load model": dict(
        parts=["load model", "set model", "use model", "switch model"],
        about=["Load a model", "Make a model resident", "Switch to a model"],
        params=[("model", ["model", "id", "model id", "name"], "string",
                 ["The model id", "Model id", "Name of the model"], lambda rng: invented(rng, 2,
                     8) + rng.choice(["", "-7b", "-3b", "-v2", "-mini"]), True)],
        asks=["!load the model {model}", "!switch to the model {model}", "!make {model} the resident model",
              "!use the model {model}", "!load model {model}", "model {model}", "model: {model}", "!make {model} the model",
              "{model} should be the model", "I want the model {model}", "!change the model to {model}",
              "!bring up the model {model}"]),
}
