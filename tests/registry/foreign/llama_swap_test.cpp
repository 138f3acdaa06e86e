#include "registry/foreign/llama_swap.hpp"

#include <gmock/gmock.h>

#include <format>
#include <fstream>
#include <sstream>

#include "registry/registry_file.hpp"

namespace {

using common::Json;
using registry::foreign::Imported;
using registry::foreign::ImportOptions;
using registry::foreign::Remark;
using registry::foreign::Words;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::optional<std::string> environment(const std::string& name) {
  if (name == "HOME") return "/home/u";
  return name.contains("KEY") ? std::optional<std::string>("sk-of-the-environment") : std::nullopt;
}

Imported import(std::string_view text, ImportOptions options = {.environment = environment}) {
  auto imported = registry::foreign::import_llama_swap(text, options);
  EXPECT_TRUE(imported) << imported.error().message();
  return imported ? *imported : Imported{};
}

std::string refusal(std::string_view text) {
  auto imported = registry::foreign::import_llama_swap(text, {});
  return imported ? "taken" : imported.error().message();
}

std::string line_of(const Remark& remark) {
  return std::format("{} {}: {}{}", remark.line, remark.key, remark.left_out ? "left out: " : "", remark.text);
}

// What is left out, in the words of the report.
std::vector<std::string> left_out(const Imported& imported) {
  std::vector<std::string> lines;
  for (const Remark& remark : imported.remarks) {
    if (remark.left_out) lines.push_back(line_of(remark));
  }
  return lines;
}

std::vector<std::string> notes(const Imported& imported) {
  std::vector<std::string> lines;
  for (const Remark& remark : imported.remarks) {
    if (!remark.left_out) lines.push_back(line_of(remark));
  }
  return lines;
}

// A model with a command that needs no remark, and more of its keys.
std::string model(std::string_view more) { return std::format("models:\n  m:\n    cmd: serve --port ${{PORT}}\n{}", more); }
const ImportOptions kKnownMemory{.environment = environment, .memory_mib = [](const Words&) { return std::optional<std::uint64_t>(1000); }};

std::string file(const std::string& name) {
  std::ifstream in(std::string(PERCH_CONFIGS) + "/" + name);
  EXPECT_TRUE(in) << name;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Whole configurations, each beside the registry and the report that it must become.
class WholeConfigTest : public testing::TestWithParam<const char*> {};

TEST_P(WholeConfigTest, BecomesTheRegistryBesideItAndSaysWhatIsLeftOut) {
  const std::string name = GetParam();
  const Imported imported = import(file(name + ".yaml"));
  EXPECT_EQ(imported.registry.dump(2) + "\n", file(name + ".json"));
  std::string report;
  for (const Remark& remark : imported.remarks) report += line_of(remark) + "\n";
  EXPECT_EQ(report, file(name + ".report"));
  auto catalog = registry::read_catalog(imported.registry.dump(), "/base", "/home");
  EXPECT_TRUE(catalog) << catalog.error().message();
}

INSTANTIATE_TEST_SUITE_P(Configs, WholeConfigTest, testing::Values("everything", "fixed_ports", "containers", "groups"),
                         [](const auto& test) { return std::string(test.param); });

TEST(LlamaSwapTest, TheLeastConfigurationIsOneModelThatIsTheDefault) {
  const Imported imported = import("models:\n  m:\n    cmd: serve -x 'a b' --port ${PORT}\n");
  EXPECT_EQ(imported.registry, Json::parse(R"({"models": {"default": "m"}, "catalog": {"m": {"runtime": "command",
      "command": ["serve", "-x", "a b", "--port", "${PORT}"], "ready_path": "/health"}}})"));
  EXPECT_THAT(left_out(imported), IsEmpty());
  EXPECT_THAT(notes(imported), ElementsAre(HasSubstr("pass_environment"), HasSubstr("2 models.m: what it needs is not known")));
}

TEST(LlamaSwapTest, NoSecretIsWrittenAnywhere) {
  const Imported imported = import(
      "apiKeys: [sk-one]\n"
      "models:\n"
      "  a: {cmd: \"serve --port ${PORT} --token ${env.MY_KEY}\"}\n"
      "  b: {cmd: \"serve --port ${PORT} --api-key sk-two --hf-token sk-two --api-key=sk-three\", env: [\"A=${env.OTHER_KEY}\", "
      "MY_TOKEN=sk-six]}\n"
      "peers:\n  p: {proxy: \"http://x\", apiKey: sk-four, models: [m]}\n  q: {proxy: \"http://u:sk-five@x\", models: [m]}\n");
  std::string all = imported.registry.dump();
  for (const Remark& remark : imported.remarks) all += line_of(remark);
  EXPECT_THAT(all, Not(HasSubstr("sk-")));
  EXPECT_FALSE(imported.registry["catalog"].contains("a"));
  EXPECT_EQ(imported.registry["catalog"]["b"]["command"], (Json{"serve", "--port", "${PORT}"}));
  EXPECT_EQ(imported.registry["catalog"]["b"]["pass_environment"], (Json{"HF_TOKEN", "MY_TOKEN"}));
  EXPECT_EQ(imported.registry["peers"], (Json{{"p", {{"url", "http://x"}, {"key_file", "keys/p.key"}, {"models", {"m"}}}}}));
}

TEST(LlamaSwapTest, APortThatSomebodyChoseBecomesAFreeOne) {
  EXPECT_EQ(import("models: {m: {cmd: serve --port 7001, proxy: \"http://localhost:7001\"}}").registry["catalog"]["m"]["command"],
            (Json{"serve", "--port", "${PORT}"}));
  EXPECT_EQ(import("models: {m: {cmd: \"serve --listen 127.0.0.1:7001\", proxy: \"http://127.0.0.1:7001\"}}")
                .registry["catalog"]["m"]["command"],
            (Json{"serve", "--listen", "127.0.0.1:${PORT}"}));
}

TEST(LlamaSwapTest, AServerInAContainerIsLeftOutWithWhatToDoInstead) {
  for (const char* command : {"docker run -p ${PORT}:80 x", "/usr/bin/podman run --network host x --port ${PORT}",
                              "sudo -u box -n docker compose up", "env A=b nerdctl start -a x"}) {
    const Imported imported = import(std::format("models: {{m: {{cmd: \"{}\", aliases: [x]}}}}", command));
    EXPECT_EQ(imported.registry, (Json{{"models", Json::object()}})) << command;
    EXPECT_THAT(left_out(imported), ElementsAre(testing::AllOf(HasSubstr("1 models.m.cmd: left out: the whole model is left out"),
                                                               HasSubstr("\"peers\": {\"m\""))));
  }
  const Imported named = import(
      "models: {m: {cmd: docker run -p 7001:80 x, proxy: \"http://localhost:7001\", useModelName: org/M}}", kKnownMemory);
  EXPECT_THAT(left_out(named), ElementsAre(HasSubstr(R"({"m": {"url": "http://127.0.0.1:7001", "models": ["org/M"]}})")));
  EXPECT_THAT(left_out(import("models: {m: {cmd: \"serve --log docker --port ${PORT}\"}}")), IsEmpty());
}

TEST(LlamaSwapTest, WhatACommandIsForAndHowManyRequestsItTakesIsWritten) {
  const auto entry = [](std::string_view command) {
    return import(std::format("models: {{m: {{cmd: \"{} --port ${{PORT}}\"}}}}", command), kKnownMemory).registry["catalog"]["m"];
  };
  EXPECT_EQ(entry("llama-server --embeddings")["purpose"], "embedding");
  EXPECT_EQ(entry("llama-server --embeddings --pooling rank")["purpose"], "reranking");
  EXPECT_EQ(entry("vllm serve x --task score")["purpose"], "reranking");
  EXPECT_FALSE(entry("llama-server -m a.gguf").contains("purpose"));
  EXPECT_EQ(entry("llama-server -np 8")["parallel"], 8);
  EXPECT_FALSE(entry("llama-server").contains("parallel")) << "four is usual here and there";
  EXPECT_FALSE(entry("serve -np 8").contains("parallel")) << "nobody knows what that is";
}

TEST(LlamaSwapTest, PinnedModelsGetTheRoomThatTheyNeedTogether) {
  const std::string models =
      "models: {a: {cmd: \"llama-server --embeddings --port ${PORT}\"}, b: {cmd: \"llama-server --rerank --port ${PORT}\"}}\n"
      "groups: {g: {persistent: true, members: [a, b]}}\n";
  const auto with = [&](std::uint64_t mib) {
    return import(models, {.environment = environment, .memory_mib = [mib](const Words&) { return std::optional(mib); }});
  };
  EXPECT_FALSE(with(1000).registry.contains("memory")) << "they have as much by themselves";
  EXPECT_EQ(with(2000).registry["memory"], (Json{{"pinned_mib", 4000}}));
  EXPECT_THAT(notes(with(2000)), Contains(HasSubstr("the pinned models may hold 4000 MiB")));
  EXPECT_THAT(notes(with(1000)), Not(Contains(HasSubstr("as soon as"))));
  EXPECT_THAT(notes(import(models)), Contains(HasSubstr("a is pinned: it makes embeddings or scores, and stays loaded beside the resident "
                                                        "model, as soon as `memory_mib` says what it needs")));
}

TEST(LlamaSwapTest, PathsThatAreNotAbsoluteAreTold) {
  const Imported imported = import("models: {m: {cmd: \"bin/llama-server -m models/a.gguf --port ${PORT}\"}}", kKnownMemory);
  EXPECT_THAT(notes(imported), Contains(HasSubstr("bin/llama-server is looked for beside the registry")));
  EXPECT_THAT(notes(imported), Contains(HasSubstr("looks for models/a.gguf from the folder in which the daemon is started")));
}

TEST(LlamaSwapTest, AModelThatCannotBeReachedIsLeftOutWithItsAliases) {
  const auto without = [](std::string_view text) {
    const Imported imported = import(text);
    EXPECT_EQ(imported.registry, (Json{{"models", Json::object()}}));
    return left_out(imported);
  };
  EXPECT_THAT(without("models: {m: {cmd: serve, aliases: [x]}}"),
              ElementsAre(HasSubstr("1 models.m.cmd: left out: the whole model is left out: it says no ${PORT}")));
  EXPECT_THAT(without("models: {m: {cmd: serve, proxy: \"http://localhost:${PORT}\"}}"), ElementsAre(HasSubstr("`proxy` says ${PORT}")));
  EXPECT_THAT(without("models: {m: {cmd: serve, proxy: \"http://localhost:7001\"}}"), ElementsAre(HasSubstr("does not say port 7001")));
  EXPECT_THAT(without("models: {m: {cmd: \"serve ${PORT}\", proxy: \"http://192.168.1.2:8080\"}}"),
              ElementsAre(HasSubstr("belongs into `peers`")));
  EXPECT_THAT(without("models: {m: {cmd: \"serve 'open ${PORT}\"}}"), ElementsAre(HasSubstr("a ' is not closed")));
  EXPECT_THAT(without("models: {m: {cmd: \"serve ${nowhere} ${PORT}\"}}"), ElementsAre(HasSubstr("there is no macro ${nowhere}")));
  EXPECT_THAT(without("models: {m: {cmd: \"serve ${env.NOWHERE} ${PORT}\"}}"), ElementsAre(HasSubstr("NOWHERE is not set here")));
  EXPECT_THAT(without("models: {m: {name: x}}"), ElementsAre(HasSubstr("there is no command")));
}

TEST(LlamaSwapTest, TheOthersAreStillImported) {
  const Imported imported = import("models:\n  bad: {cmd: serve}\n  good: {cmd: \"serve ${PORT}\"}\n");
  EXPECT_FALSE(imported.registry["catalog"].contains("bad"));
  EXPECT_TRUE(imported.registry["catalog"].contains("good"));
}

TEST(LlamaSwapTest, TimesToLive) {
  const auto ttl = [](std::string_view global, std::string_view own) {
    const Imported imported = import(std::format("{}\n{}", global, model(own)), kKnownMemory);
    const Json policy = imported.registry.value("policy", Json::object());
    return Json{policy.value("idle_ttl", Json()), imported.registry["catalog"]["m"].value("idle_ttl", Json())};
  };
  EXPECT_EQ(ttl("", ""), (Json{nullptr, nullptr}));
  EXPECT_EQ(ttl("", "    ttl: 60\n"), (Json{nullptr, 60}));
  EXPECT_EQ(ttl("", "    ttl: 0\n"), (Json{nullptr, nullptr}));
  EXPECT_EQ(ttl("globalTTL: 300", ""), (Json{300, nullptr}));
  EXPECT_EQ(ttl("globalTTL: 300", "    ttl: -1\n"), (Json{300, nullptr}));
  EXPECT_EQ(ttl("globalTTL: 300", "    ttl: 0\n"), (Json{300, 0}));
  EXPECT_EQ(ttl("globalTTL: 100000", "    ttl: 90000\n"), (Json{86400, 86400}));
}

TEST(LlamaSwapTest, AliasesBecomeRolesUnlessTheyAreTheIdOfAModel) {
  const Imported imported =
      import("models:\n  a: {cmd: \"x ${PORT}\", aliases: [one, a, b, {id: two}]}\n  b: {cmd: \"x ${PORT}\", aliases:\n    [one, three]}\n",
             kKnownMemory);
  EXPECT_EQ(imported.registry["models"], (Json{{"one", "a"}, {"two", "a"}, {"three", "b"}}));
  EXPECT_THAT(left_out(imported), ElementsAre("2 models.a.aliases: left out: \"b\" is the id of a model, so it cannot stand for a",
                                              "4 models.b.aliases: left out: \"one\" stands for a already"));
}

TEST(LlamaSwapTest, NumbersThatAreSetAreEnforcedAndTheRestIsSet) {
  const std::string filters =
      "    filters:\n      setParams:\n        temperature: 0.3\n        top_k: 20\n        top_p: 7\n        min_p: \"0.1\"\n"
      "        stop: [x]\n        chat_template_kwargs: {effort: low}\n        model: other\n        stream: true\n";
  const Imported imported = import(model(filters), kKnownMemory);
  EXPECT_EQ(imported.registry["catalog"]["m"]["enforced"], (Json{{"temperature", 0.3}, {"top_k", 20}}));
  EXPECT_EQ(imported.registry["catalog"]["m"]["set_fields"],
            Json::parse(R"({"top_p": 7, "min_p": "0.1", "stop": ["x"], "chat_template_kwargs": {"effort": "low"}})"))
      << "what the server makes of it is its affair";
  EXPECT_THAT(left_out(imported), ElementsAre(HasSubstr("13 models.m.filters.setParams.stream: left out: \"stream\" stays")));
}

TEST(LlamaSwapTest, NumbersBeyondTheLimitsOfPerchsOwnWorkersAreLeftOut) {
  const Imported imported = import(
      "models:\n  m:\n    cmd: llama-server -m /a.gguf --port ${PORT}\n    filters:\n      setParams:\n        top_p: 7\n"
      "        max_tokens: 1.5\n        seed: 3\n",
      {.embed = true, .environment = environment});
  EXPECT_EQ(imported.registry["catalog"]["m"]["set_fields"], (Json{{"seed", 3}}));
  EXPECT_THAT(left_out(imported),
              ElementsAre(HasSubstr("6 models.m.filters.setParams.top_p: left out: a number from 0 to 1 is expected, not 7"),
                          HasSubstr("a whole number from 1")));
}

TEST(LlamaSwapTest, WhatIsTakenOutIsTakenOut) {
  const Imported imported = import(
      "models:\n  m:\n    cmd: llama-server --port ${PORT} --temp 0.6\n    filters:\n      strip_params: temperature,min_p, user "
      ",model,user,,\n",
      kKnownMemory);
  EXPECT_EQ(imported.registry["catalog"]["m"]["strip_fields"], (Json{"temperature", "min_p", "user"}));
  EXPECT_FALSE(imported.registry["catalog"]["m"].contains("enforced"));
  EXPECT_THAT(left_out(imported), IsEmpty());
}

TEST(LlamaSwapTest, ParametersByNameBecomeRolesThatHaveThem) {
  const std::string filters =
      "    filters:\n      setParamsByID:\n        \"${MODEL_ID}:cold\": {temperature: 0, a: {b: 1}}\n        m: {temperature: 0.5}\n";
  const Imported imported = import(model(filters), kKnownMemory);
  EXPECT_EQ(imported.registry["models"], (Json{{"m:cold", "m"}, {"m", "m"}, {"default", "m"}}));
  EXPECT_EQ(imported.registry["roles"], (Json{{"m:cold", {{"enforced", {{"temperature", 0}}}, {"set_fields", {{"a", {{"b", 1}}}}}}},
                                              {"m", {{"enforced", {{"temperature", 0.5}}}}}}));
  EXPECT_THAT(left_out(imported), IsEmpty());
  const Imported alone = import(model("    filters: {setParamsByID: {m: {temperature: 0.5}}}\n"), kKnownMemory);
  EXPECT_EQ(alone.registry["catalog"]["m"]["enforced"], (Json{{"temperature", 0.5}}));
}

TEST(LlamaSwapTest, ParametersByNameStandBeforeThoseForEverybody) {
  const Imported imported =
      import(model("    filters:\n      setParams: {temperature: 0.3, top_k: 5}\n      setParamsByID: {\"m:warm\": {temperature: 0.9}}\n"),
             kKnownMemory);
  EXPECT_EQ(imported.registry["catalog"]["m"]["set_fields"], (Json{{"temperature", 0.3}})) << "a role's set_fields stand before these";
  EXPECT_EQ(imported.registry["catalog"]["m"]["enforced"], (Json{{"top_k", 5}}));
  EXPECT_EQ(imported.registry["roles"]["m:warm"], (Json{{"set_fields", {{"temperature", 0.9}}}}));
}

TEST(LlamaSwapTest, TheEnvironmentIsGivenByValueOrPassedOn) {
  const Imported imported = import(model("    env:\n      - A=1\n      - \"B=x=${env.HOME}\"\n      - HOME=${env.HOME}\n      - "
                                         "\"C=${env.NOWHERE}\"\n      - no pair\n      - 9D=1\n"),
                                   kKnownMemory);
  EXPECT_EQ(imported.registry["catalog"]["m"]["environment"], (Json{{"A", "1"}, {"B", "x=/home/u"}}));
  EXPECT_EQ(imported.registry["catalog"]["m"]["pass_environment"], (Json{"HOME"}));
  EXPECT_THAT(left_out(imported), ElementsAre(HasSubstr("8 models.m.env: left out: C: NOWHERE is not set here"),
                                              HasSubstr("9 models.m.env"), HasSubstr("10 models.m.env")));
}

TEST(LlamaSwapTest, MemoryIsWrittenWhereItIsKnown) {
  const Imported imported = import("models: {m: {cmd: \"serve -m a.gguf --port ${PORT}\"}}",
                                   {.memory_mib = [](const Words& command) { return std::optional<std::uint64_t>(command.size()); }});
  EXPECT_EQ(imported.registry["catalog"]["m"]["memory_mib"], 5);
  EXPECT_THAT(notes(imported), Not(Contains(HasSubstr("memory_mib"))));
}

TEST(LlamaSwapTest, PlainLlamaServersAreEmbeddedWhenThatIsWanted) {
  const ImportOptions embed{.embed = true, .environment = environment};
  const Imported imported = import(
      "models:\n  a: {cmd: \"llama-server -m ${env.HOME}/a.gguf -c 512 -np 1 --port ${PORT}\", ttl: 9, filters: {setParams: {temperature: "
      "0}}}\n"
      "  b: {cmd: \"llama-server -m b.gguf --port ${PORT} --mlock\"}\n  c: {cmd: \"llama-server -m c.gguf --port ${PORT}\", env: [A=1]}\n",
      embed);
  EXPECT_EQ(
      imported.registry["catalog"]["a"],
      (Json{
          {"artifact", "/home/u/a.gguf"}, {"context_tokens", 512}, {"parallel", 1}, {"idle_ttl", 9}, {"enforced", {{"temperature", 0}}}}));
  EXPECT_EQ(imported.registry["catalog"]["b"]["runtime"], "command");
  EXPECT_EQ(imported.registry["catalog"]["c"]["runtime"], "command");
  EXPECT_THAT(notes(imported), Contains(HasSubstr("3 models.b.cmd: it stays a command: --mlock has no counterpart")));
  EXPECT_THAT(notes(imported), Contains(HasSubstr("4 models.c.cmd: it stays a command: env has no counterpart")));
}

TEST(LlamaSwapTest, PrioritiesBelongToRoles) {
  const Imported imported = import(
      "models: {m: {cmd: \"x ${PORT}\", aliases: [fast]}}\nrouting:\n  scheduler:\n    settings:\n      fifo:\n        priority: {fast: "
      "500, gone: 1}\n",
      kKnownMemory);
  EXPECT_EQ(imported.registry["policy"]["priorities"], (Json{{"m", 100}, {"fast", 100}}));
  EXPECT_EQ(imported.registry["models"], (Json{{"fast", "m"}, {"m", "m"}, {"default", "m"}}));
  EXPECT_THAT(left_out(imported), ElementsAre(HasSubstr("priority.gone: left out: there is no such model")));
  EXPECT_THAT(notes(imported), Contains(HasSubstr("500 became 100")));
}

TEST(LlamaSwapTest, GroupsMayStandUnderRoutingAndOnlyTheUsedOnesCount) {
  const std::string models = "models: {a: {cmd: \"x ${PORT}\"}, e: {cmd: \"llama-server --embeddings --port ${PORT}\"}}\n";
  const std::string settings =
      "    settings:\n      groups: {g: {persistent: true, members: [e]}}\n      matrix: {vars: {a: a, e: e}, sets: {s: a & e}}\n";
  EXPECT_EQ(import(models + "routing:\n  router:\n" + settings).registry["pinned"], (Json{"e"}));
  const Imported matrix = import(models + "routing:\n  router:\n    use: matrix\n" + settings);
  EXPECT_EQ(matrix.registry["pinned"], (Json{"e"}));
  EXPECT_THAT(notes(matrix), Contains(HasSubstr("routing.router.settings.matrix.sets.s: e is pinned")));
  EXPECT_THAT(left_out(matrix), IsEmpty());
}

TEST(LlamaSwapTest, OnlyModelsThatWouldHaveRunTogetherAreSaidToTakeTurnsNow) {
  const std::string models =
      "models: {a: {cmd: \"x ${PORT}\"}, b: {cmd: \"x ${PORT}\"}, c: {cmd: \"x ${PORT}\"}, e: {cmd: \"llama-server --embeddings --port "
      "${PORT}\"}}\n";
  const auto turns = [&](std::string_view sets) {
    return left_out(import(models + std::format("matrix: {{vars: {{a: a, b: b, c: c, e: e}}, sets: {{{}}}}}\n", sets)));
  };
  EXPECT_THAT(turns("s: a | b | c"), IsEmpty());
  EXPECT_THAT(turns("s: (a | b) & e"), IsEmpty());
  EXPECT_THAT(
      turns("s: a & b & e | c"),
      ElementsAre(HasSubstr("matrix.sets.s: left out: one model that generates text is resident at a time, so they take turns (a, b)")));
  EXPECT_THAT(turns("s: (a | b) & c"), ElementsAre(HasSubstr("(a, c, b)")));
  EXPECT_THAT(turns("llms: a | b, s: +llms & e"), IsEmpty());
  EXPECT_THAT(turns("llms: a | b, s: +llms & c"), ElementsAre(HasSubstr("matrix.sets.s: left out")));
  EXPECT_THAT(turns("s: +s & a"), IsEmpty());
  EXPECT_THAT(turns("s: +t & +t & +t & +t, t: +s | +s | +s | +s"), IsEmpty());
  EXPECT_THAT(turns("s: \"((a & (b\""), ElementsAre(HasSubstr("(a, b)")));
}

TEST(LlamaSwapTest, PeersKeepTheNamesThatPeopleUse) {
  const Imported imported = import(
      "models: {m: {cmd: \"x ${PORT}\"}}\npeers:\n  box:\n    proxy: http://box:8080/\n    models: [far, m]\n  \"odd?name\":\n    proxy: "
      "http://other\n    apiKey: k\n    models: [far]\n",
      kKnownMemory);
  EXPECT_EQ(imported.registry["models"], (Json{{"far", "box/far"}, {"default", "m"}}));
  EXPECT_EQ(imported.registry["peers"]["box"], (Json{{"url", "http://box:8080"}, {"models", {"far", "m"}}}));
  EXPECT_EQ(imported.registry["peers"]["odd?name"]["key_file"], "keys/odd_name.key");
  EXPECT_THAT(left_out(imported),
              ElementsAre(HasSubstr("5 peers.box.models: left out: \"m\" is the id of a model"), HasSubstr("keys/odd_name.key"),
                          HasSubstr("9 peers.odd?name.models: left out: \"far\" stands for box/far already")));
}

TEST(LlamaSwapTest, APeerWithoutAnAddressIsLeftOutWithItsNames) {
  const Imported imported = import("models: {}\npeers: {p: {proxy: \"tailcat://x\", models: [far]}}\n");
  EXPECT_EQ(imported.registry, (Json{{"models", Json::object()}}));
  EXPECT_THAT(left_out(imported), ElementsAre(HasSubstr("2 peers.p.proxy: left out: the whole peer is left out")));
}

TEST(LlamaSwapTest, FiltersOfAPeerAreItsFields) {
  const Imported imported = import(
      "macros: {zone: eu}\nmodels: {}\npeers:\n  p:\n    proxy: http://x\n    models: [far]\n    filters:\n"
      "      stripParams: temperature, top_p\n      setParams: {provider: {zone: \"${zone}\"}, model: x}\n      other: 1\n");
  EXPECT_EQ(imported.registry["peers"]["p"]["strip_fields"], (Json{"temperature", "top_p"}));
  EXPECT_EQ(imported.registry["peers"]["p"]["set_fields"], Json::parse(R"({"provider": {"zone": "eu"}})"));
  EXPECT_THAT(left_out(imported), ElementsAre(HasSubstr("10 peers.p.filters.other: left out")));
}

TEST(LlamaSwapTest, APeerThatIsReachedByHttpsIsOneLikeAnyOther) {
  const Imported imported = import("models: {}\npeers: {p: {proxy: \"https://models.example/base/\", models: [far]}}\n");
  EXPECT_EQ(imported.registry["peers"]["p"], (Json{{"url", "https://models.example/base"}, {"models", {"far"}}}));
  EXPECT_EQ(imported.registry["models"], (Json{{"far", "p/far"}}));
  EXPECT_THAT(left_out(imported), IsEmpty());
}

TEST(LlamaSwapTest, APeerThatPerchCouldNotReadIsLeftOutToo) {
  const Imported imported =
      import("models: {}\npeers:\n  p: {proxy: \"https://me:secret@x\", models: [far]}\n  \"a b\": {proxy: \"http://x\", models: [far]}\n");
  EXPECT_EQ(imported.registry, (Json{{"models", Json::object()}}));
  EXPECT_THAT(left_out(imported), ElementsAre(HasSubstr("3 peers.p.proxy: left out: the whole peer is left out: an address with http"),
                                              HasSubstr("4 peers.a b.proxy: left out: the whole peer is left out: a name has no spaces")));
}

TEST(LlamaSwapTest, KeysThatAreNotKnownAreToldWithTheNearestOne) {
  const Imported imported = import(model("    aliasses: [x]\n") + "somethingNew: 1\n", kKnownMemory);
  EXPECT_THAT(left_out(imported),
              ElementsAre(HasSubstr("4 models.m.aliasses: left out: llama-swap's key is not known here; did you mean aliases?"),
                          HasSubstr("5 somethingNew")));
}

TEST(LlamaSwapTest, WhatLlamaSwapCouldNotReadIsAnErrorWithItsLine) {
  EXPECT_THAT(refusal("models: [\n"), HasSubstr("line 2, column 1"));
  EXPECT_THAT(refusal("models:\n  a: 1\n  a: 2\n"), HasSubstr("line 3, column 3: the key \"a\" is there twice"));
  EXPECT_THAT(refusal(""), HasSubstr("a mapping with `models` is expected"));
  EXPECT_THAT(refusal("a: 1"), HasSubstr("models: they are missing"));
  EXPECT_THAT(refusal("models: [a]"), HasSubstr("line 1: models: a mapping is expected"));
  EXPECT_THAT(refusal("models:\n  m:\n    cmd: [a]\n"), HasSubstr("line 3: models.m.cmd: a text is expected"));
  EXPECT_THAT(refusal(model("    ttl: soon\n")), HasSubstr("line 4: models.m.ttl: a whole number of at least -1 is expected"));
  EXPECT_THAT(refusal(model("    ttl: -5\n")), HasSubstr("models.m.ttl"));
  EXPECT_THAT(refusal(model("    unlisted: 3\n")), HasSubstr("models.m.unlisted: true or false is expected"));
  EXPECT_THAT(refusal(model("    aliases: x\n")), HasSubstr("models.m.aliases: a list is expected"));
  EXPECT_THAT(refusal("macros: {PORT: 1}\nmodels: {}\n"), HasSubstr("line 1: macros: \"PORT\" is no name for a macro"));
  EXPECT_THAT(refusal("models: {}\npeers: {p: {proxy: \"http://x\"}}\n"), HasSubstr("peers.p: `models` is missing"));
  EXPECT_THAT(refusal(model("    ttl: x\n    env: 3\n")), testing::AllOf(HasSubstr("ttl"), HasSubstr("env")));
}

}  // namespace
