"""What tools do: for each family the words of its name, descriptions, parameters and the ways a user asks for it.

A parameter is (key, name parts, type, descriptions, value maker, required). Requests name every key in braces; one that leaves
an optional key out is a request without it. Tools that exist nowhere else are made up in tool_inventions.py.
"""

from words import ADJECTIVES, NOUNS, VERBS, city, invented, noun, person, proper


def text(rng):
    words = [noun(rng, 0.3) if rng.random() < 0.5 else rng.choice(ADJECTIVES + VERBS + ["the", "my", "is", "at", "for"])
             for _ in range(rng.randint(1, 5))]
    return " ".join(words)


def clock(rng):
    return rng.choice([f"{rng.randint(0, 23):02d}:{rng.choice([0, 5, 10, 15, 20, 30, 40, 45, 50]):02d}",
                       f"{rng.randint(1, 12)} {rng.choice(['am', 'pm'])}"])


def code(rng):
    n = str(rng.randint(0, 10 ** rng.randint(1, 6)))
    return rng.choice([n, rng.choice("ABCDEFGHKLMNPRSTX") + n, invented(rng, 2, 4).upper() + "-" + n,
                       invented(rng, 2, 5) + n])


def mail(rng):
    return f"{invented(rng, 2, 8)}@{invented(rng, 3, 7)}.{rng.choice(['com', 'org', 'net', 'de', 'io'])}"


def path(rng):
    parts = [noun(rng) for _ in range(rng.randint(1, 3))]
    return rng.choice(["", "/", "./"]) + "/".join(parts) + rng.choice([".txt", ".md", ".json", ".csv", ".log", ".py", ""])


def number(low, high):
    return lambda rng: rng.randint(low, rng.choice([low + 10, (low + high) // 2, high]))


def one_of(*items):
    return lambda rng: rng.choice(items)


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
        asks=["What is the weather in {city}?", "What's the weather [like|] in {city}?",
              "How is the weather in {city}[| today| now]?", "Weather in {city}?",
              "[Tell me|Give me|Get|Check] the weather in {city}.", "Is it [raining|warm|cold|sunny] in {city}?",
              "What weather do they have in {city}?", "[Can|Could] you check the weather [in|for] {city}?",
              "I am in {city}. How is the weather?", "I travel to {city}. What is the weather there?",
              "How [warm|cold] is it in {city}?", "What is the temperature in {city}?",
              "What is the weather in {city} in {unit}?", "Weather in {city}, in {unit}, please.",
              "How warm is it in {city} in {unit}?", "Give me the weather for {city} in {unit}."]),
    "time": dict(
        parts=["get time", "time", "current time", "local time", "clock", "world clock", "time in city"],
        about=["Get the current time in a city", "Current time", "Local time of a city", "Tells what time it is",
               "Returns the time in a place"], params=[CITY],
        asks=["What time is it in {city}?", "Time in {city}?", "[Tell me|Give me|Get|Check] the time in {city}.",
              "What is the [local |current |]time in {city}?", "How late is it in {city}?",
              "[Can|Could] you check the time in {city}?", "Which time do they have in {city}?"]),
    "add": dict(
        parts=["add", "add numbers", "sum", "plus", "calc sum"], about=["Add two numbers",
            "Returns the sum of two numbers", "Sum of a and b", "Adds numbers"],
        params=[("a", ["a", "x", "first", "left", "n1"], "integer", ["First number", "The first number", "Number one"],
                 number(0, 999), True), ("b", ["b", "y", "second", "right", "n2"], "integer",
                                         ["Second number", "The second number", "Number two"], number(0, 999), True)],
        asks=["Add {a} and {b}.", "What is {a} + {b}?", "What is {a} plus {b}?", "[Calculate|Compute] {a} + {b}.",
              "What is the sum of {a} and {b}?", "Sum {a} and {b}.", "How much is {a} + {b}?"]),
    "multiply": dict(
        parts=["multiply", "times", "product", "mul"], about=["Multiply two numbers",
            "Returns the product of two numbers", "Multiplies numbers"],
        params=[("a", ["a", "x", "first", "factor"], "integer", ["First number", "The first number"], number(0, 999),
                 True), ("b", ["b", "y", "second", "by"], "integer", ["Second number", "The second number"],
                         number(0, 999), True)],
        asks=["Multiply {a} by {b}.", "What is {a} * {b}?", "What is {a} times {b}?", "[Calculate|Compute] {a} * {b}.",
              "Multiply {a} and {b}.", "What is the product of {a} and {b}?"]),
    "search": dict(
        parts=["search", "web search", "search web", "find", "google", "lookup", "query"],
        about=["Search the web", "Find pages on the web", "Web search", "Searches for a text",
               "Look something up on the internet"],
        params=[("query", ["query", "q", "text", "search", "term"], "string",
                 ["What to search for", "The search text", "Query", "Search term"], text, True),
                 ("limit", ["limit", "count", "max", "n"], "integer",
                  ["How many results", "Number of results", "Maximum number of results"], number(1, 20), False)],
        asks=["Search [the web |]for {query}.", "Search {query}.", "Look up {query} on the [web|internet].",
              "Find {query} on the [web|internet].", "Please search for {query}.",
              "Search the web for {query} and show {limit} results.", "Find {limit} results [for|about] {query}.",
              "Web search: {query}"]),
    "email": dict(
        parts=["send email", "email", "send mail", "mail", "write email"],
        about=["Send an email", "Sends an e-mail to someone", "Send mail to an address"],
        params=[("to", ["to", "recipient", "address", "email"], "string",
                 ["Recipient", "The address", "Who gets the email"], mail, True),
                 ("subject", ["subject", "title", "about"], "string", ["Subject", "The subject line"], text, False),
                ("body", ["body", "text", "message", "content"], "string",
                 ["Body", "The text of the email", "Message text"], text, False)],
        asks=["Send an email to {to}.", "Email {to}: {body}",
              "Send an email to {to} with the subject {subject} and the text {body}.",
              "Send {to} an email about {subject}.", "Write an email to {to} that says {body}.",
              "Mail {to} with subject {subject}.", "Send an email to {to} with subject {subject} saying {body}."]),
    "message": dict(
        parts=["send message", "message", "text", "chat message", "send sms", "notify"],
        about=["Send a message to a person", "Sends a text message", "Send a chat message", "Notify a person"],
        params=[("who", ["to", "who", "person", "name", "user", "contact"], "string",
                 ["The person", "Who gets the message", "Name", "Recipient"], person, True),
                 ("text", ["text", "message", "body", "content"], "string", ["The text", "Message text", "What to say"],
                  text, True)],
        asks=["Send a message to {who}: {text}", "Text {who}: {text}", "Tell {who}: {text}",
              "Send {who} the message {text}.", "Message {who} that {text}.", "Write to {who}: {text}",
              "Send {text} to {who}."]),
    "remind": dict(
        parts=["set reminder", "reminder", "remind", "create reminder", "add reminder"],
        about=["Set a reminder", "Remind the user", "Creates a reminder for later"],
        params=[("what", ["text", "what", "task", "title", "note"], "string", ["What to remind of", "The text", "Task"],
                 text, True), ("when", ["time", "when", "at"], "string", ["When", "The time", "Time of the reminder"],
                               clock, True)],
        asks=["Remind me at {when}: {what}", "Set a reminder for {when}: {what}", "Remind me of {what} at {when}.",
              "At {when} remind me of {what}.", "Set a reminder at {when} for {what}."]),
    "alarm": dict(
        parts=["set alarm", "alarm", "wake", "create alarm"], about=["Set an alarm", "Sets an alarm clock",
            "Wake the user at a time"], params=[("when", ["time", "when", "at", "hour"], "string",
                                                 ["The time", "When", "Time of the alarm"], clock, True)],
        asks=["Set an alarm for {when}.", "Wake me at {when}.", "Alarm at {when}, please.", "Set the alarm to {when}.",
              "I need an alarm at {when}.", "Wake me up at {when}."]),
    "timer": dict(
        parts=["set timer", "timer", "start timer", "countdown"], about=["Start a timer", "Sets a timer",
            "Start a countdown of some minutes"], params=[MINUTES],
        asks=["Set a timer for {minutes} minutes.", "Start a timer of {minutes} minutes.", "Timer for {minutes} minutes.",
              "{minutes} minutes timer, please.", "Start a countdown of {minutes} minutes."]),
    "light": dict(
        parts=["set light", "light", "switch light", "lamp", "toggle light", "lights"],
        about=["Switch a light on or off", "Turn the light in a room on or off", "Controls the lights"],
        params=[("room", ["room", "place", "where", "area"], "string", ["The room", "Which room", "Room name"],
                 lambda rng: rng.choice(["kitchen", "bedroom", "bathroom", "hall", "garage", "office", "living room"])
                 if rng.random() < 0.4 else invented(rng, 3, 9), True),
                 ("on", ["on", "state", "active", "enabled"], "boolean",
                  ["On or off", "true is on", "Whether the light is on"], one_of(True, False), True)],
        asks=["Turn {on} the light in the {room}.", "Switch {on} the {room} light.", "Light {on} in the {room}.",
              "Turn the {room} lights {on}.", "Switch the light in the {room} {on}.",
              "Please turn {on} the lights in the {room}."]),
    "heat": dict(
        parts=["set temperature", "thermostat", "heating", "set thermostat"],
        about=["Set the temperature of a room", "Controls the thermostat", "Set the heating to a temperature"],
        params=[("degrees", ["temperature", "degrees", "value", "temp"], "integer",
                 ["Degrees", "The temperature", "Temperature in degrees"], number(10, 30), True),
                 ("room", ["room", "zone", "where"], "string", ["The room", "Which room"],
                  lambda rng: rng.choice(["kitchen", "bedroom", "bathroom", "hall", "office"]) if rng.random() < 0.4
                  else invented(rng, 3, 9), False)],
        asks=["Set the temperature to {degrees} degrees.", "Set the heating to {degrees}.",
              "Make it {degrees} degrees in the {room}.", "Set the {room} to {degrees} degrees.",
              "Heat the {room} to {degrees} degrees.", "Set the thermostat in the {room} to {degrees}."]),
    "play": dict(
        parts=["play music", "play", "play song", "music", "start music"],
        about=["Play music", "Play a song", "Plays a song by name", "Start playing music"],
        params=[("song", ["song", "title", "track", "name", "query"], "string",
                 ["The song", "Song title", "What to play"], lambda rng: text(rng) if rng.random() < 0.5 else proper(rng,
                     NOUNS), True), ("volume", ["volume", "level", "loudness"], "integer",
                                     ["Volume", "Volume from 0 to 100"], number(0, 100), False)],
        asks=["Play {song}.", "Play the song {song}.", "Please play {song}.", "I want to hear {song}.",
              "Play {song} at volume {volume}.", "Start the song {song}.", "Play {song} with volume {volume}."]),
    "translate": dict(
        parts=["translate", "translate text", "translation", "translator"],
        about=["Translate a text", "Translate text into another language", "Translates words"],
        params=[("text", ["text", "input", "words", "source"], "string", ["The text", "Text to translate"], text, True),
                ("language", ["language", "target", "to", "lang", "target language"], "string",
                 ["Target language", "The language", "Language to translate to"], lambda rng: proper(rng, LANGUAGES, 0.3),
                 True)],
        asks=["Translate {text} to {language}.", "Translate {text} into {language}.", "What is {text} in {language}?",
              "How do you say {text} in {language}?", "Please translate {text} to {language}.",
              "Say {text} in {language}."]),
    "stock": dict(
        parts=["get stock price", "stock price", "stock", "quote", "share price"],
        about=["Get the price of a stock", "Stock price", "Current share price", "Returns the price of a share"],
        params=[("symbol", ["symbol", "ticker", "stock", "company"], "string", ["Symbol", "The stock symbol", "Ticker"],
                 lambda rng: invented(rng, 2, 5).upper() if rng.random() < 0.7 else invented(rng, 3, 8).capitalize(),
                 True)],
        asks=["What is the stock price of {symbol}?", "Stock price of {symbol}?", "What does a share of {symbol} cost?",
              "Get the stock price of {symbol}.", "How much is {symbol} stock?", "Price of {symbol} shares?",
              "Check the {symbol} stock."]),
    "convert": dict(
        parts=["convert currency", "convert money", "currency", "exchange", "convert"],
        about=["Convert money into another currency", "Currency converter", "Exchange an amount of money"],
        params=[("amount", ["amount", "value", "sum", "quantity"], "integer",
                 ["The amount", "Amount of money", "How much"], number(1, 9999), True),
                 ("source", ["from", "source", "from currency", "base"], "string",
                  ["From currency", "Source currency", "The currency to convert from"], one_of(*MONEY), True),
                ("target", ["to", "target", "to currency", "into"], "string",
                 ["To currency", "Target currency", "The currency to convert to"], one_of(*MONEY), True)],
        asks=["Convert {amount} {source} to {target}.", "How much is {amount} {source} in {target}?",
              "Exchange {amount} {source} into {target}.", "What is {amount} {source} in {target}?",
              "Change {amount} {source} to {target}."]),
    "order": dict(
        parts=["get order", "order status", "track order", "find order", "order"],
        about=["Get the status of an order", "Track an order", "Look up an order by its number", "Order status"],
        params=[("id", ["order id", "id", "order", "number", "orderId"], "string",
                 ["The order id", "Order number", "Number of the order"], code, True)],
        asks=["Where is my order {id}?", "What is the status of order {id}?", "Track order {id}.", "Check order {id}.",
              "Find my order {id}.", "Has order {id} been sent?", "Order {id}, where is it?"]),
    "file": dict(
        parts=["read file", "open file", "cat", "load file", "get file"],
        about=["Read a file", "Returns the content of a file", "Open a file and read it"],
        params=[("path", ["path", "file", "filename", "name"], "string", ["The path", "File path", "Path of the file"],
                 path, True)],
        asks=["Read the file {path}.", "Open {path}.", "Show me the file {path}.", "What is in {path}?", "Read {path}.",
              "Show the content of {path}.", "Print the file {path}."]),
    "event": dict(
        parts=["create event", "add event", "calendar", "new meeting", "schedule", "schedule meeting"],
        about=["Create an event in the calendar", "Add a meeting to the calendar", "Schedule a meeting"],
        params=[("who", ["with", "person", "guest", "attendee", "who"], "string", ["The person", "With whom", "Guest"],
                 person, True), ("when", ["time", "when", "start", "at"], "string", ["The time", "Start time", "When"],
                                 clock, True), ("minutes", ["minutes", "duration", "length"], "integer",
                                                ["Minutes", "Length in minutes", "Duration"], number(5, 120), False)],
        asks=["Schedule a meeting with {who} at {when}.", "Create a meeting with {who} at {when}.",
              "I meet {who} at {when}, add it to the calendar.",
              "Add a meeting with {who} at {when} for {minutes} minutes.",
              "Schedule {minutes} minutes with {who} at {when}.", "Put a meeting with {who} at {when} in my calendar."]),
    "note": dict(
        parts=["save note", "add note", "note", "create note", "write note"],
        about=["Save a note", "Write down a note", "Stores a note"],
        params=[("text", ["text", "note", "content", "body"], "string", ["The text", "Text of the note", "The note"],
                 text, True)],
        asks=["Save the note {text}.", "Note: {text}", "Make a note: {text}", "Write down: {text}", "Take a note: {text}",
              "Save a note that says {text}."]),
    "contact": dict(
        parts=["find contact", "get contact", "contact", "phone book", "get phone number"],
        about=["Find the phone number of a person", "Look up a contact", "Phone book"],
        params=[("who", ["name", "person", "who", "contact"], "string", ["The name", "Name of the person", "Who"], person,
                 True)],
        asks=["What is the phone number of {who}?", "Find the number of {who}.", "Look up the contact {who}.",
              "I need the phone number of {who}.", "Phone number of {who}?", "Do you have the number of {who}?"]),
    "route": dict(
        parts=["find route", "route", "directions", "get directions", "navigate"],
        about=["Find the way between two cities", "Route from one place to another", "Directions between places"],
        params=[("start", ["from", "start", "origin", "source"], "string", ["From", "Start", "Where the trip starts"],
                 city, True), ("end", ["to", "end", "destination", "goal"], "string",
                               ["To", "Destination", "Where the trip ends"], city, True),
                               ("mode", ["mode", "by", "transport"], "string", ["Mode", "How to travel"],
                                one_of("car", "train", "bike", "bus", "foot"), False)],
        asks=["Find the way from {start} to {end}.", "How do I get from {start} to {end}?",
              "Route from {start} to {end}.", "Directions from {start} to {end}, please.",
              "How do I get from {start} to {end} by {mode}?", "Find a {mode} route from {start} to {end}.",
              "I am in {start} and want to go to {end}. What is the way?"]),
    "news": dict(
        parts=["get news", "news", "headlines", "latest news"], about=["Get the news about a topic", "Latest news",
            "News headlines"], params=[("topic", ["topic", "about", "subject", "query"], "string",
                                        ["The topic", "Topic", "News about what"], lambda rng: noun(rng, 0.6), True)],
        asks=["What is the news about {topic}?", "News about {topic}?", "Get the latest news on {topic}.",
              "Show me news about {topic}.", "Give me the news on {topic}.", "Any news about {topic}?"]),
    "random": dict(
        parts=["roll dice", "dice", "roll", "random number", "flip coin", "lucky number"],
        about=["Roll the dice", "Roll a die", "Throws a die", "Gives a dice roll"], params=[],
        asks=["Roll the dice.", "Roll a die.", "Please roll the dice.", "Throw the dice.", "Roll the dice for me."]),
    "ping": dict(
        parts=["ping", "ping host", "check host", "check server"], about=["Ping a server", "Check whether a host is up",
            "Ping a host"], params=[("host", ["host", "server", "address", "name"], "string",
                                     ["The host", "Host name", "Server"],
                                     lambda rng: rng.choice([invented(rng, 2, 9),
                                         invented(rng, 2, 6) + "." + invented(rng, 2,
                                             6) + rng.choice([".com", ".net", ".local"]),
                                             f"10.0.{rng.randint(0, 255)}.{rng.randint(1, 254)}"]), True)],
        asks=["Ping {host}.", "Check whether {host} is up.", "Is {host} up?", "Ping the server {host}.",
              "Is the host {host} alive?", "Please ping {host}."]),
    "load model": dict(
        parts=["load model", "set model", "use model", "switch model"],
        about=["Load a model", "Make a model resident", "Switch to a model"],
        params=[("model", ["model", "id", "model id", "name"], "string",
                 ["The model id", "Model id", "Name of the model"], lambda rng: invented(rng, 2,
                     8) + rng.choice(["", "-7b", "-3b", "-v2", "-mini"]), True)],
        asks=["Load the model {model}.", "Switch to the model {model}.", "Make {model} the resident model.",
              "Use the model {model}.", "Please load model {model}."]),
}
