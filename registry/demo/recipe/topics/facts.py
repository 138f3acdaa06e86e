"""Capitals, colours and small arithmetic, with follow-up questions."""

import zlib

from phrase import answer, pick, said, user
from words import CAPITALS, COLOURS, MASS, UNIQUE, article, country, invented

CAP = "[capital|capital|capital|capital city]"
TELL = "[tell me|tell us|name|say|give me|give us|write|state|show me|let me know|remind me of|write down|recall]"
CAN = "[Can|Could|Would|Will] you [please |kindly |maybe |]"
KNOW = ("[I need|I want|I want to know|I would like to know|I'd like to know|I have to know|I am looking for|I wonder about|I forgot|"
        "I am curious about|We need|I should know]")
CAPITAL = ("What is the capital of {c}?", "What is the capital of {c}?", "What's the capital of {c}?", "Tell me the capital of {c}.",
           "Name the capital of {c}.", "Capital of {c}?", f"[What is|What's|Name|Tell me|Give me|Say] the {CAP} [of|of|city of] {{c}}?",
           f"[What|Which] [city|town|place] is the {CAP} of {{c}}?",
           f"{CAP} of {{c}}[?|.|, please.|, please?|, what is it?|, if you know it.|]",
           f"[What is|What's|Name|Tell me|Give me|State|Do you know|What was] {{c}}'s {CAP}[?|.]", f"Which is the {CAP} of {{c}}?",
           f"[Do|Would] you [happen to |] know the {CAP} of {{c}}?", f"{CAN}{TELL} the {CAP} of {{c}}?", f"{KNOW} the {CAP} of {{c}}.",
           f"The {CAP} of {{c}}[ is| is called| would be| is what]?", f"The {CAP} of {{c}} is [which|what] city?",
           f"What's the name of the {CAP} of {{c}}?", f"What is the {CAP} [of|in|for] {{c}}?",
           f"Which city do [they|people|you] call the {CAP} in {{c}}?", f"{{c}}: {CAP}?", f"{{c}}, {CAP}[?|.]", f"{CAP}, {{c}}[?|.]",
           f"{{c}} {CAP}[?|]", "What is the main city and capital of {c}?", f"{TELL} what the {CAP} of {{c}} is[ called|][.|]",
           f"[What|How] is the {CAP} called in {{c}}?", f"{{c}} has which [{CAP}|city as its {CAP}]?", f"In {{c}}, what is the {CAP}?",
           "Where is the government of {c}?", f"[Name|State|Say|Write|Give me|Tell me] {{c}}'s {CAP}.",
           f"[I am travelling|I am flying|I will go|We are going|I want to go|My sister moves|I was never] to {{c}}. What is [its|the] "
           f"{CAP}?", f"Let us talk about {{c}}. What is the {CAP} there?",
           f"[Please |Kindly |Quickly |Just |]{TELL} the {CAP} of {{c}}[.|, please.|!|]",
           f"[What|Which] city [serves|acts|counts|stands] as the {CAP} of {{c}}?",
           f"[What|Which] city [has|did] {{c}} [as|choose as] [its|the|a] {CAP}?",
           f"[How do you call|What do you call|What do they call|What do people call] the {CAP} of {{c}}?",
           f"[What|Which] is the name of {{c}}'s {CAP}?", f"What name does the {CAP} of {{c}} have?",
           f"[Quiz|Quiz time|Geography|Geography quiz|Test|A riddle|Homework|Trivia|Question one]: [what is |name |]the {CAP} of "
           f"{{c}}[?|.]", f"[I have|Here is] a [geography |quiz |]question[:|.] [What|what] is the {CAP} of {{c}}?",
           f"Complete [this|the sentence]: The {CAP} of {{c}} is",
           f"[Which|What] city should I [name|write|put down] as the {CAP} of {{c}}?",
           f"When someone asks for the {CAP} of {{c}}, what [do I|should I] say?",
           f"If I [go|travel|fly] to the {CAP} of {{c}}, [which city am I in|where am I|where do I go]?",
           f"Where [would|will|do] I [be|land|arrive] in the {CAP} of {{c}}?",
           f"[Does {{c}} have|Has {{c}} got|Has {{c}}] a {CAP}, and [which|what is it]?",
           f"{{c}} - what is [its|the|the name of the] {CAP}?", f"For {{c}}, [what is|tell me|name|give] the {CAP}[.|?]",
           f"About {{c}}: what is [its|the] {CAP}?", f"{{c}}'s {CAP}[?|.| is?| please.|, please.]",
           f"[Which|What] {CAP} [does {{c}} have|belongs to {{c}}|has {{c}}|is in {{c}}]?",
           f"[Any idea|Do you remember|Can you recall|Are you able to say|Have you learnt] what the {CAP} of {{c}} is[ called|]?",
           f"I [do not know|don't know|forgot|cannot remember|always forget] the {CAP} of {{c}}.[ What is it?| Which city is it?| Can "
           f"you help?| Help me.|]", f"[Which|What] city is {{c}}'s {CAP}?",
           f"The name of [the {CAP} of {{c}}|{{c}}'s {CAP}][, please.|?|.| is?]",
           f"Answer [this|me]: [what|which city] is the {CAP} of {{c}}?", f"[Which|What] of the cities in {{c}} is the {CAP}?",
           f"Let me know the {CAP} of {{c}}.", f"[Is there|Has it] a {CAP} in {{c}}? [Which one|What is it|Name it]?",
           f"What [would|will|do] you say is the {CAP} of {{c}}?",
           f"[My|A] [teacher|friend|son|daughter|boss] [asks|asked me|wants to know] for the {CAP} of {{c}}.")
REVERSE = ("[Which|What] [country|land|state|nation] has {k} as [its|the|a] capital[ city|]?",
           "{k} is the capital[ city|] of [which|what] [country|land|nation]?", "[What|Which] country is {k} the capital of?",
           "{k} is the capital of what?", "{k} is [which country|what country]'s capital?",
           "Of [which|what] country is {k} the capital[ city|]?", "[Which|What] country's capital is {k}?",
           "{k}: capital of [which country|what]?", "[Name|Tell me|Give me|Say|Find] the country whose capital is {k}.",
           "[Which|What] country has its capital in {k}?", "[Can|Could] you tell me [which|what] country has the capital {k}?",
           "Whose capital is {k}?", "In which country is {k} the capital?", "To [which|what] country does the capital {k} belong?",
           "[Tell me|Say|Do you know] which country {k} is the capital of.", "The capital {k} belongs to [which|what] country?",
           "If {k} is the capital, [which|what] is the country?")
AND = ("And {c}?", "What about {c}?", "And of {c}?", "How about {c}?", "And for {c}?", "Now {c}.", f"[And|Now] the {CAP} of {{c}}[?|.]",
       "{c}?", "{c}.", "[The same|Same|Same question] [for|about|with] {c}[.|?]", "And what about {c}?", "[And|Now|Then|Next], {c}[?|.]",
       "[And|Or] [that|the one|this] of {c}?", "[And|So] how about {c}[ then|]?",
       "[Ok|Okay|Good|Nice|Right|Thanks|Great], [and|now|then|what about|how about] {c}?",
       "[Next|Next one|Next country|One more]: {c}[.|?|]",
       f"And [which is|what is|what's] [the {CAP} of {{c}}|{{c}}'s {CAP}|it for {{c}}|it in {{c}}]?",
       "[Also|Then|Please also|Now do|Now try] {c}[.|]", "And in {c}?", "What is it for {c}?",
       "[Do you know|Can you tell me] [that of|the one of|it for] {c}[ too|]?")

HUE = "[colo[|u]r|colo[|u]r|colo[|u]r|colo[|u]r|hue|shade|tint]"
COLOUR = ("What colour is {t}?", "What color is {t}?", f"Which {HUE} [is|has] {{t}}?", f"Which {HUE} does {{t}} have?",
          "What colo[|u]r is {t}?", "What colo[|u]r is {t}?", "What is the colo[|u]r of {t}?",
          f"[Please |Kindly |Just |]{TELL} the {HUE} of {{t}}[.|, please.|!|]",
          f"[What is|What's|Which is|Do you know] the {HUE} of {{t}}?", f"[Name|Give me|Say] the {HUE} of {{t}}.",
          f"[Do you know|Can you tell me|Could you say|Do you remember|Any idea] [what|which] {HUE} {{t}} is?",
          f"[What|Which] {HUE} does {{t}} [have|usually have|normally have|show|come in]?", f"{HUE} of {{t}}[?|.|, please.|]",
          f"{{t}} has [which|what] {HUE}?", f"If I paint {{t}}, which {HUE} [do I need|should I take|must I use|will I use]?",
          f"{{t}} is [what|which|of what|of which] {HUE}?",
          f"I [want|would like|am going|have] to [draw|paint|colour] {{t}}. [Which|What] {HUE} [is it|do I need|should I use|do I take]?",
          f"Is {{t}} [red|blue|green|white|black] or what {HUE} is it?", f"Tell me [what|which] {HUE} {{t}} is.", f"{{t}}: {HUE}?",
          f"{{t}}, {HUE}?", f"{{t}} {HUE}[?|]", f"{HUE}, {{t}}[?|.]", f"{CAN}{TELL} the {HUE} of {{t}}?", f"{KNOW} the {HUE} of {{t}}.",
          f"The {HUE} of {{t}}[ is| is what| would be|]?",
          f"[What|Which] {HUE} would [you|a child|a painter|people] [give|paint|make|draw] {{t}}?",
          f"[What|Which] {HUE} [would|should|must|can] {{t}} [be|have]?", f"{{t}} comes in [what|which] {HUE}?",
          f"In [what|which] {HUE} [does {{t}} come|do you see {{t}}|is {{t}}|would you paint {{t}}]?", f"Of [what|which] {HUE} is {{t}}?",
          f"[Quiz|Test|Riddle|Trivia|Quiz time|For children|Easy one]: [what is |name |]the {HUE} of {{t}}[?|.]",
          f"[When I look at|When you see|Looking at|If I see|Think of|Imagine] {{t}}, [what|which] {HUE} [do I see|do you see|is it|is "
          f"that]?", f"How would you [describe|name|call] the {HUE} of {{t}}?", f"[How|What] do you call the {HUE} of {{t}}?",
          "How is {t} coloured?",
          f"I [do not know|don't know|forgot|cannot remember|never noticed] the {HUE} of {{t}}.[ What is it?| Which is it?| Can you "
          f"help?|]", f"[My|A] [son|daughter|child|friend] [asks|wants to know] [what|which] {HUE} {{t}} is.",
          f"What is {{t}} like in {HUE}?",
          f"What [is|would be] [the usual|the normal|the typical|the natural|the right|the common] {HUE} [of|for] {{t}}?",
          f"What {HUE} is {{t}} [normally|usually|in nature|most of the time|mostly]?",
          f"[Which|What] crayon [do I need|should I take|do I take|would you use] for {{t}}?", f"What kind of {HUE} [is|has] {{t}}?",
          f"With [what|which] {HUE} [do I|should I|would you] [paint|draw|colour] {{t}}?",
          f"Complete [this|the sentence]: The {HUE} of {{t}} is", f"For {{t}}, [what|which] {HUE}?",
          f"Let me know [the {HUE} of {{t}}|what {HUE} {{t}} is|which {HUE} {{t}} has].")
MANY = (f"[What|Which] {HUE} [are|do] {{t}}[| have]?", f"What {HUE} are {{t}} [normally|usually|most of the time|mostly|as a rule]?",
        f"[What is|What's|Name|Tell me|Give me|Say] the {HUE} of {{t}}[?|.]", f"{{t}} are [what|which|of what] {HUE}?",
        f"{{t}} [have|come in] [what|which] {HUE}?", f"[Tell me|Say|Let me know] [what|which] {HUE} {{t}} [are|have].",
        f"[Do you know|Can you tell me|Could you say] [what|which] {HUE} {{t}} [are|have]?", f"{{t}}: {HUE}?", f"{HUE} of {{t}}?",
        f"In [what|which] {HUE} do {{t}} come?", f"I like {{t}}. [What|Which] {HUE} are they?")
AND_COLOUR = ("And {t}?", "What about {t}?", "How about {t}?", f"[And|Now] the {HUE} of {{t}}[?|.]", "{t}?", "{t}.", "And what about {t}?",
              "Now {t}.", "[And|Then|Next|Now], {t}[?|.]", "[The same|Same|Same question] [for|about|with] {t}[.|?]",
              "And [that|the one] of {t}?", "[Next|Next one|One more]: {t}[.|?]",
              "[Ok|Okay|Good|Nice|Right|Thanks|Great], [and|now|then|what about|how about] {t}?",
              f"And [what|which] {HUE} [is|has] {{t}}?", "[And|So] how about {t}[ then|]?", "[Also|Then|Now do|Now try] {t}[.|]",
              f"And [what|which] is the {HUE} of {{t}}?")
ODD_PLURALS = {"leaf": "leaves", "mouse": "mice", "sheep": "sheep", "fish": "fish", "goose": "geese", "wolf": "wolves"}

DO = "[Calculate|Compute|Work out|Solve|Find|Evaluate|Give me|Tell me|Figure out|Determine|Do|Reckon|Say|Write|Show me]"
RESULT = "[result|answer|value|solution|outcome]"
SUMS = ("{e}", "{e}", "{e}", "{e}", "What is {e}?", "What is {e}?", "What is {e}?", "How much is {e}?", "Calculate {e}.", "{e}?", "{e} =",
        "{e}=", "{e} = ?", "{e}=?", "{e} equals?", "{e} [equals|is|makes|gives|comes to] [what|how much|which number]?",
        "{e} [is|makes|gives|comes to|comes out as|results in|will be]?",
        "[What is|What's|How much is|What would be|And what is|Now what is] {e}?",
        "[What is|What's|How much is] {e} [then|exactly|in total|altogether|please|equal to]?", DO + " {e}.",
        "[Please|Kindly|Now|Just|Quickly|Next,] " + DO + " {e}[.|!|]", DO + ": {e}[.|]",
        "[What|How much|Which number] does {e} [equal|make|give|come to|amount to|add up to|come out as|result in|yield]?",
        "What do [you|I|we] get [for|from|with|out of|if you calculate|when I compute|if I work out] {e}?",
        "{e}, [please|how much|how much is it|what is it|what is that|what does it make]?",
        "[The |]" + RESULT + " of {e}[?|, please.|.| is?|]", "What[ is|'s| would be| will be] the " + RESULT + " [of|for] {e}?",
        "How much [would|does|will|should|could] {e} [be|make|come to|give]?",
        "What [would|will|should|could] {e} [be|make|come to|give|equal]?",
        CAN + "[calculate|compute|work out|solve|tell me|find|do|answer|figure out] {e}[ for me|]?",
        "I need [the " + RESULT + " of |to know |to calculate |]{e}.",
        "I [want|would like|have|need] to [know|calculate|compute|solve|work out] {e}.",
        "Do you know [what |how much |]{e}[ is| makes| gives]?",
        "[Tell me|Let me know|Say|Show me] [what|how much] {e} [is|makes|gives|comes to|equals].",
        "[Quick|Quiz|Sum|Exercise|Task|Problem|Maths|Math|Question|Homework|Next]: {e}[?|.|]",
        "{e}: [result|answer|solution|how much|what]?", "{e} - [result|answer|what is it|how much]?",
        "If I [calculate|type|work out|compute] {e}, what [do I get|comes out|is the " + RESULT + "]?",
        "[What|Which] number [is|equals|do I get for|comes out of|is the " + RESULT + " of] {e}?",
        "[My|A] [calculator|teacher|friend|boss] says {e}. How much is that?", "[Help me|Help] with {e}[.|, please.]",
        "Is it hard to [calculate|work out] {e}? [What is it|How much is it]?", "{e} makes how [much|many]?",
        "How [much|many] [is|are] {e}?")
EXPRESSIONS = {"+": ("{a} + {b}", "{a} + {b}", "{a} + {b}", "{a}+{b}", "{a}+{b}", "{a} plus {b}", "{a} plus {b}",
                     "{a} and {b} together", "{a} added to {b}"),
               "-": ("{a} - {b}", "{a} - {b}", "{a} - {b}", "{a}-{b}", "{a}-{b}", "{a} minus {b}", "{a} minus {b}",
                     "{a} less {b}", "{a} take away {b}"),
               "*": ("{a} * {b}", "{a} * {b}", "{a}*{b}", "{a} x {b}", "{a} x {b}", "{a}x{b}", "{a} × {b}", "{a}×{b}", "{a} times {b}",
                     "{a} times {b}", "{a} multiplied by {b}")}
PLUS = ("[Add|Sum|Add up|Sum up|Total|Put together|Take together] {a} and {b}[.|, please.|!|]",
        "[Please|Kindly|Now|Just] [add|add up|sum|sum up] {a} and {b}[.|]",
        "[What is|What's|Give me|Tell me|Calculate|Compute|Find|Work out|Say|I need|How much is] the [sum|total] of {a} and {b}[?|.]",
        "[The sum|Sum|The total|Total] of {a} and {b}[?|.|, please.| is?| equals?|]",
        "What do [you|I|we] get [when you add|when adding|if I add|by adding|from adding] {a} [and|to] {b}?",
        "[What is|How much is|What's|How much are|What are] {a} and {b}[| together| added together| in total| altogether| combined| "
        "added| summed up]?", "If I have {a} {n} and [get|buy|find|am given] {b} more, how many do I have?",
        "I have {a} {n} and [buy|get|find] {b} more. How many {n} do I have?",
        "[Can|Could|Would] you [please |][add|sum up|add up|put together] {a} and {b}[ for me|]?",
        "[Add|Please add|Now add|Can you add] {a} to {b}[.|]",
        "[What is|How much is|What's|What do I get with] {a} [added to|increased by|and another|and then|with] {b}?",
        "What do {a} and {b} [make|give|add up to|come to|total|sum to|equal|amount to][| together| when added| in total]?",
        "[How much|What number] do {a} and {b} [make|give|come to|add up to][ together|]?",
        "{a} and {b} [make|makes|give|is|are|together make|add up to|come to] [what|how much|how many]?",
        "{a} and {b} together[?|.| make?| is?]", "{a} and {b}[, added| summed|: sum|: total|, sum]?",
        "Together, {a} and {b} [make|are|come to] [what|how much]?",
        "[Start with|Begin with|Take|Go from] {a} and add {b}[.| to it.|. What do you get?]",
        "Adding {a} [and|to] {b} [gives|makes|results in|comes to|equals] [what|how much]?", "[What|How much] is {b} more than {a}?",
        "[Which|What] number is {b} [more|greater|higher|bigger|larger] than {a}?", "[Increase|Raise] {a} by {b}.", "{a}, add {b}[.|?]",
        "{a}, plus {b}[.|?]", "Put {b} on top of {a}[.|. How much is it?]",
        "What [would|will] {a} and {b} [be|make|come to][ together| in total|]?",
        "[I need|I want|I would like] {a} and {b} [added|summed up|added together].",
        "How much would {a} and {b} be[ together| altogether|]?", "[Sum|Addition|Total|Add]: {a} and {b}[.|]",
        "{a} and {b} added [together |]make what?", "[What|How much] do I have with {a} and {b}[ together|]?")
MINUS = ("[Subtract|Take|Take away|Deduct|Remove] {b} from {a}[.|, please.|!|]",
         "[Please|Kindly|Now|Just] [subtract|take|deduct|take away] {b} from {a}[.|]", "Take {b} away from {a}[.|]",
         "[What is|What's|Tell me|Give me|Calculate|Compute|Find|Work out|Say|I need|How much is] the difference [of|between] {a} and "
         "{b}[?|.]", "[The difference|Difference] [of|between] {a} and {b}[?|.|, please.| is?|]",
         "[What is|What's|Find|Tell me] the difference between {b} and {a}[?|.]",
         "I have {a} {n} and [lose|eat|sell|give away] {b}. How many are left?",
         "I have {a} {n} and give away {b}. How many {n} do I have?",
         "What [is left|remains|is left over] of {a} if [you take away|I take away|I remove|you subtract] {b}?",
         "[What is|How much is|What's] {a} [less|take away|without|reduced by|decreased by|lowered by] {b}?",
         "[What|How much] is {b} less than {a}?", "[Which|What] number is {b} [less|smaller|lower] than {a}?",
         "{b} less than {a}[ is| makes| is what|]?", "{b} [from|taken from|subtracted from] {a}[?|.| is?|]",
         "[What is|How much is|What's|Calculate|Compute] {b} [subtracted from|taken from|taken away from|from|deducted from] {a}[?|.]",
         "[If I|When I|If you|When you] [subtract|take|take away|deduct] {b} from {a}, what [do I get|is left|remains|is the result]?",
         "What do [you|I|we] get [when you subtract|if I take|by taking|when subtracting|by subtracting] {b} from {a}?",
         "[What|How much] [is left|remains|is left over] [when|if|after] [I take|you take|I subtract|you subtract] {b} from {a}?",
         "[Start with|Begin with|Go from|Take] {a} and [subtract|take away|remove] {b}[.|. What is left?]",
         "{a}, [take away|subtract|minus|less] {b}[.|?]", "[Can|Could|Would] you [please |][subtract|take|deduct] {b} from {a}[ for me|]?",
         "[Reduce|Lower|Decrease|Diminish] {a} by {b}[.|]", "Subtracting {b} from {a} [gives|makes|leaves|results in] [what|how much]?",
         "{a} take away {b}[?|.| is?| leaves?| leaves what?]", "[From|Out of] {a} [take|subtract|take away|remove] {b}[.|]",
         "By how much is {a} [greater|larger|bigger|more] than {b}?", "How much [greater|larger|bigger|more] is {a} than {b}?",
         "How [far|much] is it from {b} to {a}?", "What [must|do] I add to {b} to get {a}?",
         "{a} [without|reduced by|decreased by] {b}[?|.| is?]", "How much would {a} [less|minus|take away|without] {b} be?",
         "What does {a} [less|minus|take away] {b} [leave|make|come to|give]?")
TIMES = ("[Multiply|Please multiply|Now multiply|Can you multiply] {a} [by|and|with] {b}[.|]",
         "[What is|What's|Tell me|Give me|Calculate|Compute|Find|Work out|Say|I need|How much is] the product of {a} and {b}[?|.]",
         "[The product|Product] of {a} and {b}[?|.|, please.| is?|]",
         "[What is|How much is|What's|Calculate|Compute] {a} multiplied [by|with] {b}[?|.]",
         "I have {a} [bags|boxes|baskets] with {b} {n} each. How many {n} are there?",
         "What do [you|I|we] get [when you multiply|if I multiply|by multiplying|when multiplying] {a} [by|and|with] {b}?",
         "[Can|Could|Would] you [please |]multiply {a} [by|and|with] {b}[ for me|]?",
         "Multiplying {a} [by|and|with] {b} [gives|makes|results in] [what|how much]?", "[Take|Count|Do|Say] {a} times {b}[.|]",
         "{a} [multiplied by|multiplied with] {b}[?|.| is?| makes?]", "{a} times {b} [makes|is|gives|comes to|equals] [what|how much]?",
         "[If I|When I|If you] multiply {a} [by|and|with] {b}, what [do I get|comes out|is the result]?",
         "What do {a} and {b} make [multiplied|when multiplied|if you multiply them]?", "[What|How much] [is|are] {a} lots of {b}?",
         "[Times table|Multiplication|Product|Multiply]: {a} [times|and|by] {b}[.|?|]", "How much would {a} times {b} be?",
         "{a} and {b}, multiplied[?|.]", "{a} and {b} multiplied [make|makes|is|give] [what|how much]?")
AND_SUM = ("And ", "And ", "Now ", "What about ", "", "", "How about ", "Next: ", "And what is ", "Then ", "What is ", "And how much is ",
           "One more: ", "Ok, and ", "Also ", "Good, and ")
MORE = ("And plus {c}?", "Add {c} to [that|it|this|the result].", "Now add {c}.", "And {c} more?", "Plus {c}[?|.]",
        "[Now |And |Then |Please |]add {c}[ more| to it|][.|?]", "[And|What is it|What is that|How much is that|Now] with {c} more[?|.]",
        "[What is|How much is|And] that plus {c}?", "[Now|And then] plus {c}[.|?]", "[And if I|If I] add {c}[ to that|]?",
        "[What|How much] is [it|that] [and|plus] {c}?", "Increase [it|that] by {c}.", "[The result|That|This] plus {c}[?|.]", "+ {c}",
        "+{c}", "And + {c}?")
LESS = ("And minus {c}?", "[Now |And |Then |Please |]subtract {c}[ from that| from it|][.|?]",
        "[Take|Now take|Please take|Then take] {c} [away|from that|from it][.|]", "Minus {c}[?|.]", "And {c} less?",
        "[What is|How much is|And] that minus {c}?", "[Now|And then] minus {c}[.|?]",
        "[And if I|If I] [subtract {c}|take {c} away|take away {c}]?", "[What|How much] is [it|that] [less|minus] {c}?",
        "[Reduce|Lower] [it|that] by {c}.", "[The result|That|This] minus {c}[?|.]", "- {c}", "-{c}", "And - {c}?")
COUNTED = ("apples", "pears", "coins", "books", "eggs", "balls", "stones", "pens", "cards", "birds")


def reserved(a, op, b):
    """One pair in twelve is kept out of the corpus, so the held-out sums are sums and not memories."""
    return zlib.crc32(f"{a}{op}{b}".encode()) % 12 == 0


def asked(rng, wordings, **slots):
    """One of the wordings as it is typed: it begins with a capital letter, mostly."""
    text = pick(rng, rng.choice(wordings), **slots)
    return text[0].upper() + text[1:] if rng.random() < 0.9 else text


def capital_of(name):
    return f"The capital of {country(name)} is {CAPITALS[name]}."


def capital(rng, me):
    name = rng.choice(list(CAPITALS))
    if rng.random() < 0.12:
        text = asked(rng, REVERSE, k=CAPITALS[name])
        return [user(said(rng, text)), answer(f"{CAPITALS[name]} is the capital of {country(name)}.",
                                              f"{CAPITALS[name]}: {name}.")]
    if rng.random() < 0.05:
        name = invented(rng, 4, 10).capitalize()
        text = asked(rng, CAPITAL, c=name)
        return [user(said(rng, text, keep_case=True, tail=False)), answer(f"I do not know the capital of {name}.",
            f"I do not know {name}.")]
    turns = [user(said(rng, asked(rng, CAPITAL, c=country(name)))),
             answer(capital_of(name), f"{name}: {CAPITALS[name]}.")]
    while rng.random() < 0.3:
        name = rng.choice(list(CAPITALS))
        turns += [user(said(rng, asked(rng, AND, c=country(name)), tail=False)),
                  answer(capital_of(name), f"{name}: {CAPITALS[name]}.")]
    return turns


def colour_of(thing):
    name = article(thing)
    return f"{name[0].upper()}{name[1:]} is {COLOURS[thing]}."


def plural(thing):
    before, _, last = thing.rpartition(" ")
    last = ODD_PLURALS.get(last) or (last[:-1] + "ies" if last[-1] == "y" and last[-2] not in "aeiou"
                                     else last + ("es" if last[-1] in "sx" or last[-2:] in ("ch", "sh", "to") else "s"))
    return f"{before} {last}".strip()


def colour(rng, me):
    thing = rng.choice(list(COLOURS))
    single = thing in MASS | UNIQUE
    def naming():
        if rng.random() < 0.8 or thing in MASS | UNIQUE:
            return article(thing)
        return rng.choice(["the ", "my ", "", "this ", "your ", "every ", "any "]) + thing
    text = asked(rng, COLOUR, t=naming()) if single or rng.random() < 0.8 else asked(rng, MANY, t=plural(thing))
    turns = [user(said(rng, text)), answer(colour_of(thing), f"{thing}: {COLOURS[thing]}.")]
    while rng.random() < 0.3:
        thing = rng.choice(list(COLOURS))
        many = thing not in MASS | UNIQUE and rng.random() < 0.15
        turns += [user(said(rng, asked(rng, AND_COLOUR, t=plural(thing) if many else naming()), tail=False)),
                  answer(colour_of(thing), f"{thing}: {COLOURS[thing]}.")]
    return turns


def worked(a, op, b):
    """The thought that leads to the result, in steps a small model can take."""
    if op == "+" and a > 9 and b > 9:
        ones, tens = a % 10 + b % 10, a // 10 * 10 + b // 10 * 10
        return f"{a} + {b}: {a % 10} + {b % 10} = {ones}, {a // 10 * 10} + {b // 10 * 10} = {tens}, {tens} + {ones} = {a + b}."
    if op == "-" and a > 9 and b > 9:
        left = a - b // 10 * 10
        return f"{a} - {b}: {a} - {b // 10 * 10} = {left}, {left} - {b % 10} = {a - b}."
    return f"{a} {op} {b} = {value(a, op, b)}."


def value(a, op, b):
    return a + b if op == "+" else a - b if op == "-" else a * b


def hard(rng):
    """Two numbers of two digits, with a carry or a borrow."""
    while True:
        op, a, b = rng.choice("+-"), rng.randint(10, 99), rng.randint(10, 99)
        if a % 10 + b % 10 > 9 if op == "+" else a > b and a % 10 < b % 10:
            return a, op, b


def easy(rng):
    op = rng.choice("++--**")
    if op == "*":
        a, b = rng.choice([(rng.randint(0, 10), rng.randint(0, 10)), (rng.randint(2, 12), rng.randint(2, 12))])
    else:
        a, b = (rng.choice([rng.randint(0, 9), rng.randint(0, 20), rng.randint(0, 99), rng.randint(10, 99)]) for _ in "ab")
    return (b, op, a) if op == "-" and a < b else (a, op, b)


def problem(rng):
    while True:
        a, op, b = hard(rng) if rng.random() < 0.47 else easy(rng)
        if op == "*" or not reserved(a, op, b):
            return a, op, b


def ask(rng, a, op, b):
    if rng.random() < 0.55:
        form = rng.choice(SUMS).replace("{e}", rng.choice(EXPRESSIONS[op]))
    else:
        form = rng.choice({"+": PLUS, "-": MINUS, "*": TIMES}[op])
    return asked(rng, [form], a=a, b=b, n=rng.choice(COUNTED))


def arithmetic(rng, me):
    a, op, b = problem(rng)
    turns = [user(said(rng, ask(rng, a, op, b), tail=rng.random() < 0.5)),
             answer(f"{a} {op} {b} = {value(a, op, b)}.", worked(a, op, b))]
    more = rng.randint(5, 11) if rng.random() < 0.3 else 0       # long runs: more sums for the same number of tokens
    while more > 0 or rng.random() < 0.3:
        more -= 1
        start = value(a, op, b)
        if rng.random() < 0.75:
            a, op, b = problem(rng)
            short = pick(rng, rng.choice(EXPRESSIONS[op]), a=a, b=b)
            text = rng.choice(AND_SUM) + short + rng.choice("??.") if rng.random() < 0.8 else ask(rng, a, op, b)
        else:
            sign, c = rng.choice("++-"), rng.randint(1, 9) if rng.random() < 0.7 else rng.randint(10, 30)
            if not 0 <= value(start, sign, c) <= 99 or reserved(start, sign, c):
                continue
            a, op, b = start, sign, c
            text = asked(rng, MORE if sign == "+" else LESS, c=c)
        turns += [user(said(rng, text, tail=False)), answer(f"{a} {op} {b} = {value(a, op, b)}.", worked(a, op, b))]
    return turns
