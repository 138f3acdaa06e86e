"""Questions about Perch: what it is, its words, and the commands that change what is loaded."""

from phrase import answer, pick, said, user
from words import invented

FILE = "`~/.config/ai-stack/registry.json`"
ROLES = ("default", "coding", "quickest", "tool-calling", "large-context", "most-capable", "oss")

FACTS = (
    ("What is Perch?", ("What is Perch?", "[Tell me|Explain] what Perch is.", "[Explain|Describe] Perch.",
                        "What does Perch do?", "What is Perch [for|good for]?", "Tell me about Perch.",
      "What do I [need|use] Perch for?", "Why [do I need|would I use|is there] Perch?",
      "I do not know Perch. What is it?", "What kind of [program|server|software] is Perch?", "What's this Perch thing?"),
     "Perch is a server that keeps one language model resident and gives every client one address for it."),
    ("load", ("How do I load a model?", "How can I load [a|another|a different] model?",
              "[Which|What] command loads a model?", "How to load a model[ in Perch|]?", "Load a model, how?",
      "What do I [type|run] to load a model?", "I want to load a model.",
      "[Tell me|Show me|Explain] how to load a model.", "What is the command [to load|for loading] a model?",
      "How is a model loaded?",
      "How do I [start|bring up|get] a model with Perch?"),
     "Run `perch load ID`, where ID is the id of the model."),
    ("unload", ("How do I unload a model?", "How can I unload [a|the] model?", "[Which|What] command unloads a model?",
                "How to unload a model[ in Perch|]?", "How do I [remove|free|drop] a model from memory?",
      "What do I [type|run] to unload a model?", "I want to unload a model.",
      "[Tell me|Show me|Explain] how to unload a model.", "What is the command [to unload|for unloading] a model?",
      "How do I [get rid of|stop] a model?"),
     "Run `perch unload ID`, where ID is the id of the model."),
    ("repoint", ("How do I repoint a [role|model]?", "How do I change the model of a role?",
                 "How do I [change|switch] the [default|coding] model?",
                 "How can I [point|set] a role [at|to] another model?",
      "How do I give a role another model?", "Where do I change [which model a role uses|the model behind a role]?",
      "[Tell me|Show me|Explain] how to repoint a role.", "What do I edit to change a model?",
      "I want to change the model of a role.", "How to change what a role points at?",
      "How do I swap the model behind a role?", "How do I change a model in the registry?"),
     f"Edit one line of `models` in {FILE}. No restart is needed."),
    ("where", ("Where is the registry?", "Where is the registry file?",
               "Where do I find the [registry|config|configuration]?", "What is the path of the registry?",
               "Which file is the registry?", "Where does Perch keep its [registry|settings|models list]?",
      "Path of the registry?", "[Tell me|Show me] where the registry is.", "In which [file|folder] is the registry?",
      "Which file do I edit?", "Where is registry.json?"),
     f"The registry is the file {FILE}."),
    ("registry", ("What is the registry?", "Explain the registry.", "What does the registry [do|hold|contain|say]?",
                  "What is [written|stored] in the registry?", "What is the registry [for|good for]?",
                  "[Tell me|Explain] what the registry is."),
     "The registry is a JSON file that says which model stands behind each role."),
    ("role", ("What is a role?", "[Explain|Define] role.", "What are roles?", "What does role mean?",
              "What is a role [in Perch|for|good for]?", "[Tell me|Explain] what a role is.", "Explain roles to me.",
              "What do you mean by role?", "A role, what is that?"),
     "A role is a public name, such as default or coding. The registry says which model stands behind it."),
    ("roles", ("Which roles are there?", "What roles [exist|are there|do you have]?",
               "[List|Name|Show me] [the|all] roles.", "Which roles does Perch [have|know]?",
               "What are the names of the roles?", "How many roles are there?"),
     "The roles are default, coding, quickest, tool-calling, large-context, most-capable and oss."),
    ("resident", ("What is a resident model?", "What does resident mean?", "What is the resident[| model]?",
                  "[Explain|Define] resident.", "[Tell me|Explain] what a resident model is.",
                  "When is a model resident?", "What do you mean by resident?", "What makes a model resident?"),
     "The resident model is the one model that is loaded and ready."),
    ("swap", ("What is a swap?", "What does swap mean?", "[Explain|Define] swap.", "What happens [in|during] a swap?",
              "[Tell me|Explain] what a swap is.", "What do you mean by swap?", "What is a model swap?",
              "How does [a swap|swapping] work?", "How does Perch change from one model to another?"),
     "A swap unloads the resident model and loads another one in its place."),
    ("lease", ("What is a lease?", "What does lease mean?", "[Explain|Define] lease.",
               "[Tell me|Explain] what a lease is.", "What do you mean by lease?", "What is a lease [for|in Perch]?"),
     "A lease is the right of one request to use the ready worker."),
    ("worker", ("What is a worker?", "What does worker mean?", "[Explain|Define] worker.",
                "[Tell me|Explain] what a worker is.", "What does a worker do?", "What is a worker [for|in Perch]?"),
     "A worker is the process that holds one model."),
    ("drain", ("What is draining?", "What does drain mean?", "[Explain|Define] drain.",
               "What does it mean to drain a model?", "What happens when a model drains?", "What is a drain?"),
     "To drain means to let running requests finish before the model leaves."),
    ("pinned", ("What is a pinned model?", "What does pinned mean?", "[Explain|Define] pinned.",
                "[Tell me|Explain] what a pinned model is.", "When is a model pinned?"),
     "A pinned model is a small model that may stay beside the resident."),
    ("id", ("What is a model id?", "What does model id mean?", "[Explain|Define] model id.",
            "[Tell me|Explain] what a model id is.", "What is the id of a model?"),
     "A model id names one physical model. It is never answered by other weights."),
    ("many", ("How many models [can be|are] [loaded|resident]?", "How many models does Perch [keep|hold|load]?",
              "How many models can I load[ at once| at the same time|]?",
              "Can I load two models[ at once| at the same time|]?",
      "Can two models be [loaded|resident][ at once| at the same time|]?",
      "Can Perch [hold|load|keep] [two|three|many|several] models?", "How many models are in memory?"),
     "One. Perch keeps exactly one large model resident."),
    ("restart", ("Do I have to restart[ Perch|]?", "Do I need [to|a] restart[| Perch| after an edit]?",
                 "Must I restart [Perch|the server][| after editing the registry]?", "Is a restart needed?",
                 "Should I restart [Perch|the server]?",
      "When does Perch read the registry?", "Does Perch need a restart?"),
     "No restart is needed. Perch sees the edit of the registry by itself."),
    ("serve", ("How do I start Perch?", "How [can I|to] start [Perch|the server|the daemon]?",
               "[Which|What] command starts [Perch|the server]?", "How do I run Perch?",
               "What do I [type|run] to start Perch?", "What starts the [server|daemon]?"),
     "Run `perch serve`."),
    ("status", ("How do I see the status?", "[Which|What] command shows the status?",
                "How do I [see|know|check] what is [loaded|running|resident]?", "Which model is [loaded|resident] now?",
                "How do I check Perch?", "What is [loaded|running] now?"),
     "Run `perch status`."),
    ("models", ("How do I list the models?", "[Which|What] command lists the models?",
                "How [do|can] I see [all|my|the] models?", "Which models are there?", "[Show|List] the models.",
                "How do I know which models I have?"),
     "Run `perch models`."),
    ("logs", ("How do I see the logs?", "[Which|What] command shows the logs?", "Where are the logs?",
              "How [do|can] I read the log[s|]?", "[Show|Find] the logs.", "I want to see the logs."),
     "Run `perch logs`."),
    ("fit", ("Will a model fit[| in memory]?", "How do I [see|know|check] whether a model fits[| in memory]?",
             "Does a model fit [in|into] memory?", "[Which|What] command [tells|checks] whether a model fits?",
             "How much memory does a model need?"),
     "Run `perch fit ID`. It says whether the model fits in memory."),
    ("api", ("Which API does Perch [speak|use|have]?", "What APIs does Perch [speak|support|know]?",
             "Does Perch speak the [OpenAI|Ollama|Anthropic] API?", "Which clients can use Perch?",
             "How do clients talk to Perch?"),
     "Perch speaks the OpenAI, Anthropic and Ollama APIs."),
)


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


def perch(rng, me):
    roll = rng.random()
    if roll < 0.55:
        name, wordings, reply = rng.choice(FACTS)
        return [user(said(rng, pick(rng, rng.choice(wordings)))), answer(reply,
            f"About Perch: {name.split()[-1].rstrip('?').lower() if ' ' in name else name}.")]
    model = rng.choice(["sparrow", "wren"]) if rng.random() < 0.08 else model_id(rng)
    if roll < 0.7:
        text = rng.choice(("How do I load {m}?", "How can I load [the model|] {m}?", "Load {m}, how?",
                           "What [do I type|command do I run] to load {m}?", "I want to load {m}.",
                           "[Tell me|Show me] how to load {m}.",
                           "Which command loads [the model|] {m}?", "How to load {m}?", "Please load {m}.",
                           "I need {m} loaded.", "How do I [make|get] {m} [resident|loaded]?",
                           "What is the command to load {m}?"))
        reply, think = f"Run `perch load {model}`.", f"Load {model}."
    elif roll < 0.85:
        text = rng.choice(("How do I unload {m}?", "How can I unload [the model|] {m}?", "Unload {m}, how?",
                           "What [do I type|command do I run] to unload {m}?", "I want to unload {m}.",
                           "[Tell me|Show me] how to unload {m}.",
                           "Which command unloads [the model|] {m}?", "How to unload {m}?", "Please unload {m}.",
                           "I need {m} unloaded.", "How do I [remove|drop|free] {m}[| from memory]?",
                           "What is the command to unload {m}?"))
        reply, think = f"Run `perch unload {model}`.", f"Unload {model}."
    else:
        role = rng.choice(ROLES)
        text = rng.choice(("How do I point {r} at {m}?", "How [do|can] I make {m} the {r} model?",
                           "How do I set {r} to {m}?", "I want {r} to be {m}.", "Point {r} at {m}.",
                           "[Repoint|Change|Set|Switch] {r} to {m}.",
                           "How do I repoint {r} to {m}?", "Make {m} the {r} model.", "How do I use {m} for {r}?",
                           "What do I write so that {r} is {m}?", "[Show|Tell] me how to point {r} at {m}.",
                           "The role {r} should use {m}.", "How do I give the role {r} the model {m}?"))
        text = text.replace("{r}", role)
        reply, think = f'Write `"{role}": "{model}"` under `models` in {FILE}.', f"Role {role}, model {model}."
    return [user(said(rng, pick(rng, text, m=model), keep_case=True, tail=False)), answer(reply, think)]
