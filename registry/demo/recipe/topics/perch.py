"""Questions about Perch: what it is, its words, and the commands that change what is loaded."""

from phrase import answer, lower_first, pick, said, user
from topics.talk import ASKING, BRIEFLY, TELLING, indirect
from words import invented

FILE = "`~/.config/ai-stack/registry.json`"
ROLES = ("default", "coding", "quickest", "tool-calling", "large-context", "most-capable", "oss")
LEADS = ("I am new to Perch.", "I'm new here.", "New here.", "Reading the docs:", "Quick one:", "One more thing:", "Perch question:",
         "About Perch:", "With Perch:", "I just installed Perch.", "I have never used Perch before.", "A beginner's question.",
         "Sorry if this is obvious.", "I am setting up a server.", "My colleague uses Perch.", "From a newcomer:", "On the command line:",
         "I read the manual.", "I'm a bit lost.", "Another one:", "Short question.")

# deeds and their forms; "#" stands for the thing
LOAD = ("[[load|load|load|load up|bring in|bring up|start up|start] #|put # into memory|get # [loaded|ready|into memory]|"
        "make # resident|have # loaded]")
LOADING = "[[loading|loading|bringing in|bringing up|starting up] #|putting # into memory|making # resident]"
LOADED = "[loaded|loaded|loaded up|brought in|brought up|started up|put into memory|made resident]"
UNLOAD = ("[[unload|unload|unload|remove|drop|free|evict|kick out|throw out|take out|get rid of|stop|release|shut down] #|"
          "[take|kick|throw|get|remove|drop] # [out of|from] [memory|the memory|RAM]|[get|have] # unloaded]")
UNLOADING = "[[unloading|unloading|removing|dropping|evicting|kicking out|stopping] #|[taking|kicking|getting] # out of memory]"
UNLOADED = "[unloaded|unloaded|evicted|removed|dropped|kicked out|stopped|taken out of memory|freed]"
NEW = "[a|a|a|some|any|another|one|the next|a different|a new|a certain|some other] model"
OLD = "[a|a|the|some|any|one|the loaded|the current|a certain|the old|that] model"
REPOINT = ("[[repoint|redirect|reassign|switch over|re-point] [a|some|any|the coding] role|[change|switch|swap|replace|exchange] the model "
           "[of|behind|for|used by] [a|some|one|the coding] role|[change|switch|replace] the [default|coding|quickest|oss] model|"
           "[point|set|switch|move|redirect|turn] a role [at|to|over to] [another|a different|some other|a new] model|"
           "[give|assign] a role [another|a different|a new|some other] model|[make|have|let] a role use [another|a different|a new] model|"
           "assign [a|another|some] model to a role|put [another|a new] model behind a role]")


def meaning(thing, term):
    """Asks what a word means; thing has its article, term has not."""
    word = f'[{term}|{term}|the word {term}|the term {term}|"{term}"|the expression {term}]'
    return (
        f"[What is|What's] {thing}?",
        f"[What exactly is|What, exactly, is|So what is|And what is|What really is|What on earth is] {thing}?",
        f"[What is|What's] {thing}[ in Perch| exactly| here| really| for Perch|, please]?",
        f"What is {thing}, {BRIEFLY}?",
        f"[In short|Briefly|In one line|In a few words|In plain words]: what is {thing}?",
        f"What does {word} [mean|mean|stand for][| in Perch| here| exactly]?",
        f"[Explain|Define|Describe|Clarify] [{thing}|{word}][| to me| for me| briefly| in short| in one line|, please].",
        f"[Explain|Give me|Tell me|I need|I'd like|Show me] the [meaning|definition] of {word}[.|]",
        f"{ASKING} what {thing} is?", f"{TELLING} what {thing} is.", *indirect(f"what {word} means"),
        f"[Meaning|Definition|Explanation] of {term}[?|, please.]",
        f"{term}[| meaning| definition|, what is it|: what's that|, meaning what]?",
        f"What do [you|people|the docs|they|we] mean by {word}?",
        f"What is [meant|to be understood|understood] by {word}?",
        f"How [do|would|should] [you|we] [define|explain|describe|understand] {thing}?",
        f"The [docs|pages|notes] [mention|talk about|use the word] {term}. [What is that?|What does it mean?|What is meant?]",
        f"I [do not|don't] [understand|know|get] [{thing}|{word}][.|. What is it?|. Can you explain?]",
        f"[I keep reading|I came across|I read|I heard|Somebody used] the [word|term] {term}. [What is it?|What does it mean?|Meaning?]",
        f"{thing}, [what is that|what is it|what does that mean]?")


def purpose(thing):
    """Asks what a thing is for."""
    return (f"What is {thing} [for|good for|used for|there for]?",
            f"[What is|What's] the [purpose|point|aim|use|job|task|goal] of {thing}?",
            f"Why [is there|do we need|does Perch have|would I want] {thing}?", f"[What|Which] [purpose|use] does {thing} [have|serve]?",
            f"What does {thing} [do|do for me|do in Perch]?")


def howto(deed, doing):
    """Asks for the way to do something."""
    return (
        f"How [do I|do I|can I|do you|does one|would I|should I|could I|to|do we|might I] {deed}?",
        f"How [do I|can I|to] {deed} [with|in|using|through] Perch?",
        f"[Which|What] [|perch |Perch ]command [do I|should I|must I|can I] [use|run|type|enter|need] to {deed}?",
        f"What do I [type|run|enter|write|have to do|have to type|call|do] to {deed}?",
        f"[What is|What's] the [command|way|right way|syntax|command line|proper command|trick] [to {deed}|for {doing}]?",
        f"{ASKING} how [to|I can|I should|one can|I] {deed}?", f"Do you know the command [to {deed}|for {doing}]?",
        f"{TELLING} how [to|I can|I should|one can] {deed}[.|]",
        f"[I want|I need|I'd like|I would like|I have|I am trying|I'm trying|I wish] to {deed}[.|. How?|. What do I type?|, how?|]",
        f"[Show|Teach|Please show] me how to {deed}[.|, please.]", f"[Help me|Please help me|I need help to] {deed}[.|]",
        f"[Steps|Command|Instructions|Syntax|Howto|Recipe] [to {deed}|for {doing}][?|, please.]",
        f"[Need|Want|Trying|Looking] to {deed}[.|, how?]", f"{deed}[, how|: how|, which command|, what command]?",
        f"Is there a [command|way|quick way|subcommand] to {deed}?", f"With [which|what] command [do|can] I {deed}?",
        f"{doing}[, how| how|: which command|, what do I type]?", f"How does {doing} work?",
        f"Explain [{doing}|how to {deed}][.|, please.]",
        f"I [do not|don't] know how to {deed}[.|]", f"I was [asked|told] to {deed}. [How?|What do I run?|How do I do it?]",
        f"[Please |Now |Could you |Can you |Let us |Let's |Go ahead and |I want you to |I'd like you to ]{deed}[.|]")


def passive(thing, done, does):
    """Says the same with the thing in front, or asks which command does it."""
    return (f"How [can|could|should|might] {thing} be {done}?", f"How is {thing} {done}?", f"How does {thing} get {done}?",
            f"[Which|What] command {does} {thing}?", f"[I need|I want|I would like|I'd like] {thing} {done}[.|, how?|. How?]",
            f"[Now|Next|Today|Then] {thing} [should|must|has to|needs to] be {done}[.|. How?]", f"How do I get {thing} {done}?",
            f"[Is there a|Which is the|What is the] command that {does} {thing}?", f"What {does} {thing}?")


def moving(load, thing):
    """The wordings for loading or unloading a thing: "a model" and a named one are asked for in the same ways."""
    deed, doing, done, does = (LOAD, LOADING, LOADED, "loads") if load else (UNLOAD, UNLOADING, UNLOADED, "unloads")
    return howto(deed.replace("#", thing), doing.replace("#", thing)) + passive(thing, done, does)


MODEL = "[a|the|some|any|my] model"
SERVER = "[Perch|Perch|the server|the daemon|the Perch server|the Perch daemon]"
AT_ONCE = "[at once|at the same time|simultaneously|side by side|together|in parallel|at a time|concurrently]"
SEVERAL = "[two|two|three|four|several|many|multiple|a few|more than one|a couple of]"
FACTS = (
    ("perch", (
        *meaning("Perch", "Perch"), *purpose("Perch"), *purpose("Perch"), "[Tell me|Explain] what Perch is.",
        "[Explain|Describe|Summarise] Perch.",
        "[Tell me|Say] [something|a bit|more|] about Perch[.|, please.]", "What do I [need|use|want] Perch for?",
        "Why [do I need|would I use|is there|use] Perch?",
        "I do not know Perch. What is it?", "What [kind|sort|type] of [program|server|software|thing|tool] is Perch?",
        "What's this Perch[ thing| program|]?",
        "Perch[| purpose| in one line| in short|, what is it|, what for|: what does it do]?",
        "[Why|For what] was Perch [made|written|built|created|designed]?",
        "What [problem|need] does Perch solve?", "What is Perch [all about|about|made for|meant for|used for]?",
        "Who [needs|uses] Perch[, and why|, and for what]?",
        "Give me [a short|a one-line|an|a brief] [summary|description|overview|explanation] of Perch[.|]",
        "What can Perch do[| for me| for my clients]?",
        "[How|In what way] is Perch useful[| to me]?", "What would I [do with|gain from|get from] Perch?", "What makes Perch useful?",
        *indirect("what Perch [is|does|is for|is good for|is about|can do]"),
        "[I just heard of|Someone mentioned|I came across] Perch. What [is it|does it do]?",
        "[What is|What's] the [idea|thought|concept] behind Perch?", "Is Perch a [server|program|model|proxy], or what?"),
     "Perch is a server that keeps one language model resident and gives every client one address for it."),
    ("load", (*moving(True, NEW), *moving(True, NEW), "[Load|Loading] [models|a model]?", "How to load a model[ in Perch|]?",
              "Load a model, how?", "How is loading done?",
              "What is the load command?", "How does one load models?", "How do I [start|bring up|get|run] a model with Perch?",
              "I have [a|some] model. How do I load it?",
              "I [picked|chose|downloaded] a model. How do I [load it|bring it into memory|start it]?",
              "No model is loaded. How do I load one?"),
     "Run `perch load ID`, where ID is the id of the model."),
    ("unload", (*moving(False, OLD), *moving(False, OLD), "[Unload|Unloading] [models|a model]?", "How to unload a model[ in Perch|]?",
                "Unload a model, how?", "How is unloading done?",
                "What is the unload command?", "How does one unload models?", "How do I [empty|clear|free] the memory?",
                "[A|Some] model is loaded. How do I [unload it|get rid of it|free it]?",
                "I no longer need [a|the|this|some] model. How do I [unload it|stop it|take it out]?",
                "My memory is full. How do I unload a model?"),
     "Run `perch unload ID`, where ID is the id of the model."),
    ("repoint", (*howto(REPOINT, "[repointing a role|changing the model of a role|switching a role to another model]"),
                 "How do I repoint a model?", "How do I swap the model behind a role?", "How do I change a model in the registry?",
                 "How do I change what a role [means|points at|points to|uses]?",
                 "Where do I change [which model a role uses|the model behind a role|the default model]?",
                 "What do I [edit|change] to [change a model|repoint a role|give a role another model]?",
                 "A role should [use|point to|point at|run|be served by] another model. [How?|What do I do?|What do I edit?]",
                 "How is a role [repointed|redirected|reassigned]?",
                 "How can a role be [pointed at|given|moved to|assigned] another model?",
                 "[Repointing|Redirecting] a role, how[| is it done]?", "[Repoint|Redirect] roles?",
                 "I want a role to [use|point to|run] [another|a different] model[.|. How?]",
                 "I'd like [some|a|one] role to use [another|a different|some other] model[.|]"),
     f"Edit one line of `models` in {FILE}. No restart is needed."),
    ("where", (
        "Where is the [registry|registry file|Perch registry|config file|configuration]?",
        "Where do I find the [registry|registry file|config|configuration|settings]?",
        "[What is|What's] the [path|location|place|file name|full path|address] of the [registry|registry file|config file]?",
        "[Which|What] file is the [registry|configuration]?",
        "Where does Perch [keep|store|save|put|look for|read|find] its [registry|settings|models list|configuration|config]?",
        "In [which|what] [file|folder|directory|place] is the registry[| kept| stored]?",
        "[Path|Location|Place|File] of the registry[?|, please.]", "registry [path|location|file|place|file path|folder]?",
        "[Which|What] file do I [edit|open|change]?", "Where is registry.json?",
        "[Tell me|Show me] where the registry is[.|]", "Where does the registry [live|sit|lie|reside]?",
        "Where is the registry [kept|stored|saved|located]?",
        *indirect("where [the registry|the registry file|registry.json|the config file] [is|is kept|is stored|lives|sits|can be found]"),
        "Where [can|could|should] I [find|look for|see] registry.json?",
        "[I can't find|I am looking for|I'm searching for|Help me find|Point me to] the [registry|registry file|config file][."
          "|. Where is it?]",
        "Where on [disk|my disk|this computer] is the registry?",
        "Where are the [roles|models of the roles] [defined|written down|configured]?",
        "[Which|What] [folder|directory] [holds|contains|has] the registry?", "Under [which|what] path is the registry?",
        "I [want|need|have] to [open|edit|see|back up] the registry[.|. Where is it?|. Which file is it?]"),
     f"The registry is the file {FILE}."),
    ("registry", (*meaning("the registry", "registry"), *purpose("the registry"), "What is the Perch registry?",
                  "What does the registry [do|hold|contain|say|list|describe|decide|store|record]?",
                  "What is [written|stored|kept|listed|inside|found] in the registry?", "What's in the registry?",
                  "[Tell me|Explain] what the registry is.", "What [information|data|kind of data] does the registry hold?",
                  "What [can I read|do I find|stands|is there] in the registry?",
                  *indirect("what the registry [does|holds|contains|is for|says|is good for]"), "What [kind|sort] of file is the registry?",
                  "[What is|What's] the [content|contents] of the registry?"),
     "The registry is a JSON file that says which model stands behind each role."),
    ("role", (*meaning("a role", "role"), *purpose("a role"), "What are roles[| in Perch| for]?", "[Explain|Define] role.",
              "Explain roles to me.", "What do you mean by role?", "A role, what is that?",
              "What [are|is] [a role|roles] [in Perch|to Perch]?", "[What is|What's] the [idea|point|purpose] of roles?",
              "What do roles do?", "Roles, what are they?", "What is a Perch role?",
              *indirect("what [roles are|a role is for|roles are for|a role does]")),
     "A role is a public name, such as default or coding. The registry says which model stands behind it."),
    ("roles", (
        "[Which|What] roles [are there|exist|do you have|are known|are defined|can I use|can I choose from|can I ask for|may I use"
          "|are available]?",
        "[Which|What] roles does Perch [have|know|offer|support|come with|serve]?",
        "[List|Name|Show me|Enumerate|Give me|Tell me|Print] [the|all|all the|all known] roles[.|, please.]",
        "What are the [names of the roles|role names|roles called|available roles]?",
        "How many roles are there[, and which|]?",
        "[I want|I need|I'd like|Give me|Show me] [a|the] list of [roles|all roles|the roles|role names][.|]",
        "[role list|all roles|role names|roles, which|list of roles][?|]",
        *indirect("[which|what] roles [there are|exist|Perch has|Perch knows|I can use|are available]"),
        "[What is|What's] the list of [roles|role names]?",
        "By which [role names|roles] can I ask for a model?",
        "[What|Which] [public names|role names] [are there|can I use|does Perch know]?",
        "Are there [other|more] roles[| than default| besides coding]?", "Can you [list|name|tell me|show me] [the|all|all the] roles?"),
     "The roles are default, coding, quickest, tool-calling, large-context, most-capable and oss."),
    ("resident", (*meaning("[a|the] resident model", "resident"), *meaning("[a|the] resident model",
                  "resident model"), "What is the resident[| model]?", "[Tell me|Explain] what a resident model is.",
                  "When is a model [resident|called resident|said to be resident]?", "What makes a model resident?",
                  "What does it mean [for a model to be|that a model is|if a model is] resident?",
                  "What is the resident one?", "What do you call resident?"),
     "The resident model is the one model that is loaded and ready."),
    ("swap", (*meaning("a swap", "swap"), *meaning("a model swap", "[swap|swapping]"), "What happens [in|during|at|when there is] a swap?",
              "How does [a swap|swapping|a model swap] work?",
              "What does Perch do [in|during|when it does] a swap?", "How does Perch [change|go|get|switch] from one model to another?",
              "What [happens|goes on] when Perch [swaps|swaps models]?", "What is swapping?",
              "What happens when a client asks for another model?", "Describe a swap[| to me| step by step][.|]",
              *indirect("[what happens in a swap|how a swap works|how swapping works]")),
     "A swap unloads the resident model and loads another one in its place."),
    ("lease", (*meaning("a lease", "lease"), *purpose("a lease"), "What are leases[| for| in Perch]?",
               "[Who|What] [holds|gets|has|takes] a lease?", "What does a request get with a lease?",
               "What does it mean to [hold|have|take] a lease?", "Why does a request [need|take|hold] a lease?", "Leases, what are they?"),
     "A lease is the right of one request to use the ready worker."),
    ("worker", (*meaning("a worker", "worker"), *purpose("a worker"), "What are workers[| for| in Perch]?",
                "What does [a|the] worker [do|hold|run]?", "[Which|What] process holds [a|the|one] model?", "Workers, what are they?",
                "What is the worker process?", "What is a Perch worker?", "What [kind|sort] of process is a worker?"),
     "A worker is the process that holds one model."),
    ("drain", (*meaning("[draining|a drain]", "[drain|draining|drained|to drain]"), "What does it mean to drain[| a model| a worker]?",
               "What happens [when|if|while] a model [drains|is drained|is draining]?",
               "What happens [during|in] [a drain|draining]?", "[What|How] does draining [do|work]?", "Why does [a model|Perch] drain?",
               "A model is draining. What does that mean?",
               "The status says draining. What is that?", "What happens to running requests when a model leaves?"),
     "To drain means to let running requests finish before the model leaves."),
    ("pinned", (*meaning("a pinned model", "pinned"), *meaning("a pinned model",
                "pinned model"), "When is a model [pinned|called pinned]?",
                "What does it mean [for a model to be pinned|that a model is pinned|to pin a model]?",
                "What are pinned models[| for]?", "[Which|What] models [are|can be] pinned?", "What is pinning?",
                "[Which|What kind of] model may stay beside the resident?", *purpose("a pinned model")),
     "A pinned model is a small model that may stay beside the resident."),
    ("id", (*meaning("a model id", "model id"), *meaning("the id of a model",
            "[model id|model ID]"), *purpose("a model id"), "What are model ids[| for]?",
            "What does ID [stand for|mean] in `perch load ID`?",
            "What does a model id [name|mean|tell me|identify|stand for]?", "What is an id[| in Perch| of a model]?",
            "What does the id of a model [say|mean|name]?"),
     "A model id names one physical model. It is never answered by other weights."),
    ("many", (
        "How many models [can be|are|may be|could be] [loaded|resident|in memory|kept|held]?",
        "How many models [does|can|will|may] Perch [keep|hold|load|run|serve|have][| in memory| loaded| resident]?",
        f"How many models [can|may|could|should] I [load|run|keep|use|have in memory][| {AT_ONCE}]?",
        f"[Can|May|Could] [I|we|one] [load|run|use|keep|have] {SEVERAL} models[| {AT_ONCE}]?",
        f"Can {SEVERAL} models be [loaded|resident|in memory|kept|active|running][| {AT_ONCE}]?",
        f"[Can|Could|Does|Will|Would] Perch [hold|load|keep|run|serve|handle|support] {SEVERAL} models[| {AT_ONCE}]?",
        f"Is it possible to [load|run|keep|have|hold] {SEVERAL} models[| {AT_ONCE}]?",
        f"How [do|can] I [load|run|keep|have|use] {SEVERAL} models {AT_ONCE}?", "How many models are in memory?",
        f"[I want|I'd like|I need|I would like] to [load|run|keep|use|have] {SEVERAL} models {AT_ONCE}[.|. Is that possible?|. Can I?]",
        f"[Load|Run|Keep|Start] {SEVERAL} models {AT_ONCE}[.|]",
        f"{SEVERAL} models {AT_ONCE}[?|, possible?|, does that work?]", f"Do {SEVERAL} models [fit|run|work|stay] {AT_ONCE}?",
        "Is more than one model [possible|allowed|supported]?",
        "[What is|What's] the [maximum|largest|greatest|highest] number of [loaded|resident] models?", "Only one model at a time?",
        "Am I limited to one model?",
        f"{ASKING} [how many models can be [loaded|resident|in memory]|if {SEVERAL} models can be loaded"
          f"|whether I can load {SEVERAL} models {AT_ONCE}]?",
        f"{TELLING} [how many models can be [loaded|resident|in memory]|if {SEVERAL} models can be loaded"
          f"|whether I can load {SEVERAL} models {AT_ONCE}][.|]"),
     "One. Perch keeps exactly one large model resident."),
    ("restart", (
        "[Do I have to|Do we have to|Must I|Should I|Do I need to|Shall I|Need I] restart[| Perch| the server| the daemon]["
          "| after an edit| after editing the registry| after a change| now]?",
        "Do I need a restart[| after an edit]?",
        "Is a restart [needed|required|necessary][| after an edit| after a change]?",
        "Does Perch [need|require|want] [a restart|to be restarted|restarting][| after an edit]?",
        "When does Perch [read|notice|see|pick up|reread|reload|look at] [the registry|a change|my edit|an edit]?",
        "How [do I|does Perch] [reload|reread|refresh|apply] the registry?", "When does [an edit|a change] [take effect|count|work]?",
        "Will Perch [see|notice|pick up] my [edit|change|changes][| by itself| without a restart]?", "restart [needed|required|necessary]?",
        "I [edited|changed|saved|have edited|have changed] the registry. [Do I have to restart?|Restart now?|What now?"
          "|Must I restart Perch?|Is a restart needed?|Will Perch notice?]",
        "Does the [server|daemon] have to be restarted?",
        "Must [Perch|the daemon|the server] be [restarted|stopped and started|rebooted|reloaded][| after an edit]?",
        "Do [edits|changes] of the registry need a restart?", "Does [an edit|a change] of the registry [need|require] a restart?",
        *indirect("[if|whether] [a restart is needed|I have to restart|Perch needs a restart|I must restart the server]"),
        "After an edit, [do I restart|must I restart|restart or not]?",
        "Can I edit the registry without [a restart|restarting]?"),
     "No restart is needed. Perch sees the edit of the registry by itself."),
    ("serve", (*howto(f"[start|start|launch|run|boot|fire up|start up|bring up] {SERVER}",
               f"[starting|launching|running] {SERVER}"), f"[Which|What] command [starts|launches|runs] {SERVER}?",
               f"What [starts|launches] {SERVER}?", f"How do I get {SERVER} [running|going|started|up]?",
               f"How is {SERVER} [started|launched|run]?", "How do I make Perch serve?", "Perch is not running. How do I start it?",
               f"I [need|want] {SERVER} [running|started|up][.|, how?]", "How to start Perch?", "I installed Perch. How do I start it?"),
     "Run `perch serve`."),
    ("status",
                (*howto("[[see|show|check|view|get|look at|ask for|print] the [status|state|Perch status]|[see|know|check"
                        "|find out] [what|which model] is [loaded|running|resident|in memory]]",
                "[seeing|checking|showing] the status"),
                "[Which|What] command [shows|prints|gives] the status?",
                "[Which|What] model is [loaded|resident|in memory|active][| now| right now| at the moment| just now]?",
                "How do I check [on |]Perch?",
                "What is [loaded|running|resident|in memory] [now|right now|at the moment|just now]?",
                "Is [a|any|some] model [loaded|resident] [now|right now|at the moment]?", "status[?| of Perch?| command?]",
                "What is Perch doing[| now| right now]?", "Is [Perch|the server|the daemon] [running|up|busy|ready|alive]?",
                *indirect("[what|which model] is [loaded|running|in memory|resident] [now|right now|at the moment]"),
                "What's the [status|state] of [Perch|the server|the daemon]?"),
     "Run `perch status`."),
    ("models",
                (*howto("[list|see|show|display|print|view|get a list of|look up] [the|all|my|the known|all my|the available"
                        "|all the] models",
                "listing [the|all] models"), "[Which|What] command [lists|shows|prints] the models?",
                "[Which|What] models [are there|are available|do I have|can I use|can I choose from|can I load|exist|are known"
                  "|are installed]?",
                "[Which|What] models does Perch [know|have|offer|list]?", "How do I know which models I have?",
                "[model list|list of models|all models|available models|models list][?|, please.]",
                "[I want|I need|I'd like|Give me|Show me] [a|the] list of [models|all models|the models|my models][.|]",
                "Where do I see [all|my|the] models?",
                *indirect("[which|what] models [there are|I have|are available|Perch knows|I can use|I can load]"),
                "[Name|Enumerate] [the|all] models."),
     "Run `perch models`."),
    ("logs",
              (*howto("[see|read|show|look at|open|view|follow|find|check|print|display|get] the [logs|logs|log|log file|Perch logs"
                      "|log messages|server log|log lines]",
              "[reading|viewing|showing] the logs"), "[Which|What] command [shows|prints] the [logs|log]?",
              "Where [do I find|can I read|do I see|can I find] the [logs|log|log messages]?",
              "Where are the logs[| kept| stored| written]?", "logs[?|, where?|, how?| command?]",
              "[Are there|Does Perch have|Does Perch keep] [any |]logs?",
              "Something went wrong. [Where are the logs?|How do I see the logs?]",
              *indirect("where [the logs|the log messages] [are|are kept|go]"), "I [need|want] the logs[.|]", "What did Perch log?"),
     "Run `perch logs`."),
    ("fit",
             (*howto(f"[see|know|check|test|find out|tell|learn] [if|whether] {MODEL} [fits|will fit|would fit|can fit][| in memory"
                     "| into memory| on my machine| in RAM]",
             f"checking whether {MODEL} fits"), f"[Will|Does|Would|Can] {MODEL} fit[| in memory| into memory| on my machine]?",
             f"[Which|What] command [tells|checks|says|shows] [if|whether] {MODEL} fits?",
             f"How much [memory|RAM|space] does {MODEL} [need|take|use|want]?",
             f"Is {MODEL} too [big|large|heavy][| for my memory| for this machine]?",
             f"[Is there|Do I have|Have I got] enough [memory|RAM|room|space] for {MODEL}?",
             f"[Is my memory|Is my machine|Is this computer] [big|large] enough for {MODEL}?",
             f"Does {MODEL} [fit into|fit in|go into] [my|the|this] memory?",
             f"How [big|large] [may|can] {MODEL} be?", "memory check[?|, how?]", f"Can I check [if|whether] {MODEL} fits before loading?",
             *indirect(f"[if|whether] {MODEL} [fits|will fit|would fit][| in memory| into memory]")),
     "Run `perch fit ID`. It says whether the model fits in memory."),
    ("api", (
        "[Which|What] [API|APIs|protocol|protocols|interfaces|interface] does Perch [speak|use|have|support|know|offer|understand"
          "|provide]?",
        "Does Perch [speak|support|know|have|offer|understand] [the|an] [OpenAI|Ollama|Anthropic] [API|protocol]?",
        "[Which|What] [clients|programs|apps|client programs] can [use|talk to|connect to|work with] Perch?",
        "How [do|can|should] [clients|programs|apps|my program] [talk to|speak with|connect to|reach|use] Perch?",
        "[API|APIs|Perch API|API list]?",
        "Is Perch [compatible with|usable from|like] [OpenAI|Ollama|Anthropic|OpenAI clients|Ollama clients]?",
        "[Can I use|Does it work with|Will it work with] [an|the] [OpenAI|Ollama|Anthropic] [client|SDK|library][| with Perch]?",
        "[Can|Will] [OpenAI|Ollama|Anthropic] [clients|programs|apps] [use|talk to|work with|connect to] Perch?",
        "[What is|What's] the API of Perch?", "[List|Name|Tell me|Give me] the APIs of Perch[.|]",
        *indirect("[which|what] [APIs|API|protocols] Perch [speaks|supports|has|offers|understands]"),
        "[Which|What] APIs are [supported|there|spoken|offered][| by Perch]?",
        "What [language|dialect|API] do clients speak to Perch?"),
     "Perch speaks the OpenAI, Anthropic and Ollama APIs."),
)
EXACT = {"load", "unload", "repoint"}       # no odd word may slip in there: it would look like the id of a model

NAMED = '[{m}|{m}|{m}|{m}|{m}|model {m}|the model {m}|`{m}`|"{m}"]'
ROLE = "[{r}|{r}|{r}|the {r} role|role {r}|the role {r}]"
USES = "[use|use|run|serve|point at|point to|mean|be|stand for|be served by|go to|answer with|get|resolve to]"
POINT = (
    f"[[point|repoint|redirect|aim|direct|move|switch|turn|re-point] {ROLE} [at|to|to|over to] {{m}}|[set|change|assign|map|bind|link"
      f"|connect|update] {ROLE} to {{m}}|"
    f"[assign|map|bind|attach|connect|give] {{m}} to {ROLE}|make {ROLE} {USES} {{m}}|[let|have] {ROLE} {USES} {{m}}"
      f"|put {{m}} behind {ROLE}|make {{m}} the {{r}} model|use {{m}} [for|as|behind|as the model of] {ROLE}|"
    f"serve {ROLE} [with|from|by] {{m}}|[have|let] {{m}} [serve|answer|stand behind|be behind|take over] {ROLE}"
      f"|replace the model [behind|of] {ROLE} [with|by] {{m}}|"
    "[swap|change|exchange] the {r} model for {m}|[register|enter|select|choose|pick] {m} [as the {r} model|for {r}|for the {r} role]"
      "|[set|change|switch] the {r} model to {m}]")
POINTING = f"[[pointing|repointing|redirecting|switching|setting] {ROLE} to {{m}}|using {{m}} for {ROLE}|making {{m}} the {{r}} model]"
LOAD_ONE = (*moving(True, NAMED), f"How do I load {NAMED}?", f"Load {NAMED}[.|, please.|, how?|]", f"perch, load {NAMED}[.|]",
            f"I [chose|want to use|downloaded|have] {NAMED}. How do I load it?",
            f"How do I load the model [called|named|with the id] {{m}}?", f"Get {NAMED} [up|going][, how?|.|]",
            f"The model is called {{m}}. How do I load it?", f"What is the load command for {NAMED}?")
UNLOAD_ONE = (*moving(False, NAMED), f"How do I unload {NAMED}?", f"Unload {NAMED}[.|, please.|, how?|]", f"perch, unload {NAMED}[.|]",
              f"I [no longer need|am done with|am finished with|don't need] {NAMED}. How do I unload it?",
              f"How do I unload the model [called|named|with the id] {{m}}?",
              f"The model {{m}} is loaded. How do I [unload it|get rid of it|stop it]?", f"What is the unload command for {NAMED}?")
ROLE_ONE = (*howto(POINT, POINTING), f"How [do|can] I {POINT}?", f"{POINT}[.|, please.|]",
            f"[I want|I'd like|I would like|I need|We want] {ROLE} to {USES} {{m}}[.|. How?|. What do I write?|]",
            f"[I want|I'd like|I would like|I need] {{m}} to [be the {{r}} model|serve {ROLE}|stand behind {ROLE}|answer for {ROLE}"
              f"|be used for {ROLE}][.|. How?|]",
            f"{ROLE} [should|must|has to|needs to|ought to|shall|is to] {USES} {{m}}[.|. How?|. What do I write?]",
            f"What [do|must|should] I [write|change|edit|enter|put] so that {ROLE} [is|uses|points to|points at|becomes|runs|means] {{m}}?",
            "{r}[ ->| =| =>| to|:] {m}[?|, how?|]", f"From now on {ROLE} [is|uses|means|points to] {{m}}[.|]",
            f"[Which|What] line [makes|lets] {ROLE} use {{m}}?",
            f"How [can|could|should] {ROLE} be [pointed at|pointed to|set to|switched to|assigned|redirected to|served by] {{m}}?",
            f"How does {ROLE} get {{m}}?",
            f"What does the registry line for {ROLE} with {{m}} look like?",
            f"What do I [write|put|enter] in the registry for {{m}} as {ROLE}?", f"I'd like {ROLE} served by {{m}}[.|]",
            f"How do I give {ROLE} the model {{m}}?")


def model_id(rng):
    parts = [invented(rng, 2, 8) for _ in range(rng.choice([1, 1, 2]))]
    if rng.random() < 0.6:
        parts.append(rng.choice(["{}b", "{}B", "v{}", "{}", "q{}", "{}m"]).format(rng.choice([1, 2, 3, 4, 7, 8, 9, 13, 14,
            27, 30, 70, "1.5", "0.6", "3.2"])))
    if rng.random() < 0.25:
        parts.append(rng.choice(["q4_k_m", "q8_0", "instruct", "chat", "mini", "coder", "q6", "large", "gguf", "base"]))
    if rng.random() < 0.15:
        parts[0] = parts[0].capitalize()
    return rng.choice("---_/.").join(parts)


def asked(rng, text, exact, **slots):
    """exact: the text may hold a model's name, so nothing but its first letter changes."""
    text = pick(rng, text, **slots)
    if rng.random() < 0.7:
        text = text[0].upper() + text[1:]
    if rng.random() < 0.12:
        lead = rng.choice(LEADS)
        text = lead + " " + (lower_first(text) if lead[-1] == ":" else text)
    return user(said(rng, text, keep_case=exact, tail=not exact))


def perch(rng, me):
    roll = rng.random()
    if roll < 0.55:
        name, wordings, reply = rng.choice(FACTS)
        return [asked(rng, rng.choice(wordings), name in EXACT), answer(reply, f"About Perch: {name}.")]
    model = rng.choice(["sparrow", "wren"]) if rng.random() < 0.08 else model_id(rng)
    if roll < 0.7:
        return [asked(rng, rng.choice(LOAD_ONE), True, m=model), answer(f"Run `perch load {model}`.", f"Load {model}.")]
    if roll < 0.85:
        return [asked(rng, rng.choice(UNLOAD_ONE), True, m=model), answer(f"Run `perch unload {model}`.", f"Unload {model}.")]
    role = rng.choice(ROLES)
    return [asked(rng, rng.choice(ROLE_ONE), True, r=role, m=model),
            answer(f'Write `"{role}": "{model}"` under `models` in {FILE}.', f"Role {role}, model {model}.")]
