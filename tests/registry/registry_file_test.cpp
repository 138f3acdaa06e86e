#include "registry/registry_file.hpp"

#include <gmock/gmock.h>

#include <format>

#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string problem(std::string_view text) {
  auto catalog = read_catalog(text, "/base", "/home/me");
  return catalog ? "" : catalog.error().message();
}

common::Result<Catalog> load(const std::filesystem::path& file, const Catalog& before = {}) {
  FactsReader facts;
  return load_catalog(file, facts, before);
}

TEST(RegistryFile, TakesTheShapeThatOtherToolsWrite) {
  auto catalog = read_catalog(
      R"({"models":{"default":"some/model","coding":"x"},"endpoints":{"a":1},"nodeports":{},"cliVersions":{},"$schema":"y"})", "/b", "/h");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->roles.at("default"), "some/model");
}

TEST(RegistryFile, ReadsACatalogEntryAndResolvesItsPath) {
  auto catalog =
      read_catalog(R"({"catalog":{"m":{"artifact":"sub/m.gguf","context_tokens":8192,"parallel":2,"description":"d","runtime":"embedded"},
                                             "h":{"artifact":"~/h.gguf"},"a":{"artifact":"/abs/a.gguf"}},
                                  "model_dirs":["models","~/more"]})",
                   "/base", "/home/me");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->models.at("m").artifact, "/base/sub/m.gguf");
  EXPECT_EQ(catalog->models.at("m").context_tokens, 8192u);
  EXPECT_EQ(catalog->models.at("h").artifact, "/home/me/h.gguf");
  EXPECT_EQ(catalog->models.at("a").artifact, "/abs/a.gguf");
  EXPECT_THAT(catalog->model_dirs, ElementsAre(ModelFolder{.path = "/base/models"}, ModelFolder{.path = "/home/me/more"}));
}

TEST(RegistryFile, AModelFolderIsAPathOrSaysHowItIsLaidOut) {
  auto catalog = read_catalog(R"({"model_dirs":[{"path":"~/cache","layout":"huggingface"},{"path":"b"},"c"]})", "/base", "/home/me");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_THAT(catalog->model_dirs, ElementsAre(ModelFolder{.path = "/home/me/cache", .layout = Layout::huggingface},
                                               ModelFolder{.path = "/base/b"}, ModelFolder{.path = "/base/c"}));
  EXPECT_THAT(problem(R"({"model_dirs":["a",{"path":"b","layout":"hf"}]})"),
              HasSubstr(R"(/model_dirs/1/layout: "any" (the default), "plain", "huggingface" or "lmstudio" is expected)"));
  EXPECT_THAT(problem(R"({"model_dirs":[{"layout":"plain"}]})"), HasSubstr("/model_dirs/0/path: the path of a folder is needed"));
  EXPECT_THAT(problem(R"({"model_dirs":[{"path":"a","lay":1}]})"), HasSubstr("/model_dirs/0/lay: unknown key, did you mean layout?"));
  EXPECT_THAT(problem(R"({"model_dirs":[""]})"), HasSubstr("/model_dirs/0/path"));
  EXPECT_THAT(problem(R"({"model_dirs":[5]})"), HasSubstr("/model_dirs/0: an object is expected"));
  EXPECT_THAT(problem(R"({"model_dirs":"a"})"), HasSubstr("/model_dirs: a list is expected"));
}

TEST(RegistryFile, ReadsHowAModelSamplesWithinTheLimitsOfARequest) {
  auto catalog = read_catalog(R"({"catalog":{"m":{"artifact":"x","tool_format":"hermes","sampling":{"temperature":0.2,"top_k":20},
                                                  "enforced":{"max_tokens":4096}}}})",
                              "/b", "/h");
  ASSERT_TRUE(catalog) << catalog.error().message();
  const Model& model = catalog->models.at("m");
  EXPECT_EQ(model.sampling, (common::Json{{"temperature", 0.2}, {"top_k", 20}}));
  EXPECT_EQ(model.enforced, (common::Json{{"max_tokens", 4096}}));
  EXPECT_EQ(model.tool_format, "hermes");
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","sampling":{"temprature":1}}}})"),
              HasSubstr("/catalog/m/sampling/temprature: unknown key, did you mean temperature?"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","sampling":{"top_p":2}}}})"), HasSubstr("/catalog/m/sampling/top_p"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","enforced":{"top_k":1.5}}}})"), HasSubstr("whole number"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","tool_format":"json"}}})"),
              AllOf(HasSubstr("/catalog/m/tool_format: \"json\" is none of the ways to write calls"), HasSubstr("generic"), HasSubstr("qwen_coder")));
}

TEST(RegistryFile, ReadsPeers) {
  auto catalog = read_catalog(R"({"models":{"far":"box2/org/m"},"peers":{
      "box2":{"url":"http://box2.lan:8080/base/","models":["m1","org/m"],"key_file":"keys/box2","connect_timeout":0.5,"timeout":30,
              "health_path":"/v1/models"},
      "box3":{"url":"http://[fe80::1]","models":["m1"]},
      "box4":{"url":"https://models.example/v","models":["m1"],"ca_file":"keys/authority.pem"},
      "box5":{"url":"https://box5:8443","models":["m1"]}}})",
                              "/base", "/home/me");
  ASSERT_TRUE(catalog) << catalog.error().message();
  const Peer& box2 = catalog->peers.at("box2");
  EXPECT_EQ(box2.host, "box2.lan");
  EXPECT_EQ(box2.port, 8080);
  EXPECT_EQ(box2.base_path, "/base");
  EXPECT_EQ(box2.key_file, "/base/keys/box2");
  EXPECT_EQ(box2.connect_timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(box2.timeout, std::chrono::seconds(30));
  EXPECT_EQ(box2.health_path, "/v1/models");
  EXPECT_EQ(catalog->peers.at("box3").host, "fe80::1");
  EXPECT_EQ(catalog->peers.at("box3").port, 80);
  EXPECT_FALSE(catalog->peers.at("box3").secure);
  const Peer& box4 = catalog->peers.at("box4");
  EXPECT_TRUE(box4.secure);
  EXPECT_EQ(box4.host, "models.example");
  EXPECT_EQ(box4.port, 443);
  EXPECT_EQ(box4.base_path, "/v");
  EXPECT_EQ(box4.ca_file, "/base/keys/authority.pem");
  EXPECT_TRUE(catalog->peers.at("box5").secure);
  EXPECT_EQ(catalog->peers.at("box5").port, 8443);
  EXPECT_TRUE(catalog->peers.at("box5").ca_file.empty());
  EXPECT_THAT(catalog->peer_models(), ElementsAre("box2/m1", "box2/org/m", "box3/m1", "box4/m1", "box5/m1"));
  auto route = catalog->route("far");
  ASSERT_TRUE(route);
  const auto* far = std::get_if<PeerResolution>(&*route);
  ASSERT_TRUE(far);
  EXPECT_EQ(far->role, "far");
  EXPECT_EQ(far->id, "box2/org/m");
  EXPECT_EQ(far->name, "box2");
  EXPECT_EQ(far->model, "org/m");
  for (const char* nobody : {"box2/m9", "box9/m1", "m1"}) EXPECT_FALSE(catalog->route(nobody)) << nobody;
  EXPECT_THAT(catalog->resolve("far").error().message(), HasSubstr("served by the peer box2"));
  EXPECT_THAT(catalog->resolve("box2/m").error().message(), HasSubstr("did you mean box2/m1"));
}

TEST(RegistryFile, ABadPeerIsRefusedWithItsPlace) {
  const auto of = [](const std::string& fields) { return problem(R"({"peers":{"box":{)" + fields + "}}}"); };
  const auto url = [&of](const std::string& address) { return of(R"("models":["m"],"url":")" + address + "\""); };
  for (const char* bad :
       {"", "box", "ftp://box", "http://", "http://:80", "http://box:0", "http://box:99999", "http://box:x", "http://bo x", "http://[::1",
        "http://[::1]x", "http://box?a", "http://box#a", "https://", "https://:443", "HTTPS://box"})
    EXPECT_THAT(url(bad), HasSubstr("/peers/box/url: ")) << bad;
  EXPECT_THAT(of(R"("url":"https://box","models":["a"],"ca_file":"")"), HasSubstr("/peers/box/ca_file: the path of a file"));
  EXPECT_THAT(of(R"("url":"https://box","models":["a"],"ca_file":1)"), HasSubstr("/peers/box/ca_file: a string"));
  EXPECT_THAT(of(R"("url":"http://box","models":["a"],"ca_file":"x")"),
              HasSubstr("/peers/box/ca_file: only a peer that is reached by https"));
  EXPECT_THAT(url("http://me:secret@box"), testing::AllOf(HasSubstr("key_file"), testing::Not(HasSubstr("secret"))));
  EXPECT_THAT(of(R"("url":"http://box")"), HasSubstr("/peers/box/models: "));
  EXPECT_THAT(of(R"("url":"http://box","models":["a","a"])"), HasSubstr("each is named once"));
  EXPECT_THAT(of(R"("url":"http://box","models":["a"],"timeout":0)"), HasSubstr("/peers/box/timeout: a number from"));
  EXPECT_THAT(of(R"("url":"http://box","models":["a"],"health_path":"x")"), HasSubstr("/peers/box/health_path: "));
  EXPECT_THAT(of(R"("url":"http://box","models":["a"],"urls":1)"), HasSubstr("unknown key, did you mean url?"));
  EXPECT_THAT(problem(R"({"peers":{"a/b":{"url":"http://box","models":["a"]}}})"), HasSubstr("/peers/a~1b: a name without a slash"));
  EXPECT_THAT(problem(R"({"peers":{"box":{"url":"http://box","models":["m"]}},"catalog":{"box/m":{"artifact":"x"}}})"),
              HasSubstr("/peers: box/m would be a model of a peer"));
  EXPECT_THAT(problem(R"({"peers":{"box":{"url":"http://box","models":["m"]}},"models":{"box/m":"x"}})"), HasSubstr("/models/box/m"));
}

TEST(RegistryFile, ReadsACommandAndResolvesItsProgram) {
  auto catalog = read_catalog(
      R"({"catalog":{"m":{"runtime":"command","command":["bin/serve","--port","${PORT}","--model","${MODEL}"],"artifact":"m.gguf",
                          "parallel":8,"environment":{"A":"${PORT}"},"pass_environment":["B"],"ready_path":"/ready",
                          "stop_command":["kill","${PID}"],"served_model_name":"theirs","memory_mib":2,"purpose":"reranking",
                          "answer_timeout":90,"description":"d","idle_ttl":5,"max_requests":9,"sampling":{"temperature":0.5}},
                     "n":{"runtime":"command","command":["serve","${SOCKET}"],"ready_path":""}}})",
      "/base", "/home/me");
  ASSERT_TRUE(catalog) << catalog.error().message();
  const Model& m = catalog->models.at("m");
  ASSERT_TRUE(m.command);
  EXPECT_EQ(*m.command, (common::CommandLine{.arguments = {"/base/bin/serve", "--port", "${PORT}", "--model", "${MODEL}"},
                                             .environment = {{"A", "${PORT}"}},
                                             .pass_environment = {"B"},
                                             .ready_path = "/ready",
                                             .stop = {"kill", "${PID}"},
                                             .served_model_name = "theirs",
                                             .answer_timeout = std::chrono::seconds(90)}));
  EXPECT_EQ(m.artifact, "/base/m.gguf");
  EXPECT_EQ(m.memory_bytes, 2u << 20);
  EXPECT_EQ(m.purpose, common::Purpose::reranking);
  EXPECT_EQ(m.parallel, 8u);
  const Model& n = catalog->models.at("n");
  EXPECT_EQ(n.purpose, common::Purpose::generation);
  EXPECT_EQ(n.command->arguments, (std::vector<std::string>{"serve", "${SOCKET}"})) << "a bare name is looked for when it is started";
  EXPECT_TRUE(n.artifact.empty());
  EXPECT_FALSE(catalog->resolve("m")->model.command == catalog->resolve("n")->model.command);
}

TEST(RegistryFile, ABadCommandIsRefusedWithItsPlace) {
  const auto of = [](const std::string& fields) { return problem(R"({"catalog":{"m":{"runtime":"command",)" + fields + "}}}"); };
  EXPECT_THAT(of(R"("description":"d")"), HasSubstr("/catalog/m/command: a list"));
  EXPECT_THAT(of(R"("command":[])"), HasSubstr("/catalog/m/command: a list is expected whose first word is a program"));
  EXPECT_THAT(of(R"("command":"serve ${PORT}")"), HasSubstr("/catalog/m/command: a list of strings is expected"));
  EXPECT_THAT(of(R"("command":["x"])"), HasSubstr("/catalog/m/command: it must be told where to listen"));
  EXPECT_THAT(of(R"("command":["x","${PORT}","${SOCKET}"])"), HasSubstr("not both"));
  EXPECT_THAT(of(R"("command":["x","${PORT}","${MODEL}"])"), HasSubstr("there is no \"artifact\" here"));
  EXPECT_THAT(of(R"("command":["x","${PORT}","${PID}"])"), HasSubstr("only stop_command may name it"));
  EXPECT_THAT(of(R"("command":["x","${PORT}","${PROT}"])"), HasSubstr("${PROT} is no placeholder"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"environment":{"A=B":"c"})"), HasSubstr("/catalog/m/environment/A=B: is no name"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"environment":{"A":1})"), HasSubstr("/catalog/m/environment/A: a string is expected"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"environment":{"PERCH_WORKER":"1"})"), HasSubstr("/catalog/m/environment/PERCH_WORKER"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"ready_path":"health")"), HasSubstr("/catalog/m/ready_path: a path that begins with /"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"ready_path":"/a b")"), HasSubstr("/catalog/m/ready_path"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"stop_command":[])"), HasSubstr("/catalog/m/stop_command"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"memory_mib":0)"), HasSubstr("/catalog/m/memory_mib: a whole number"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"answer_timeout":0)"), HasSubstr("/catalog/m/answer_timeout: a number from 1 to 86400"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"purpose":"counting")"), HasSubstr("/catalog/m/purpose: \"generation\" (the default)"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","purpose":"embedding"}}})"), HasSubstr("/catalog/m/purpose: only with"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"served_model_name":"")"), HasSubstr("/catalog/m/served_model_name"));
  EXPECT_THAT(of(R"("command":["x","${PORT}"],"cache_type_k":"q8_0")"), HasSubstr("/catalog/m/cache_type_k: only a worker of Perch's own"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","ready_path":"/"}}})"), HasSubstr("/catalog/m/ready_path: only with"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","runtime":"docker"}}})"), HasSubstr("/catalog/m/runtime"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{}}})"), HasSubstr("/catalog/m/artifact"));
}

TEST(RegistryFile, ReadsWhatIsChangedInRequests) {
  auto catalog = read_catalog(R"({"catalog":{"m":{"artifact":"x","strip_fields":["user"],"set_fields":{"seed":7,"stop":["a"]}}},
                                  "models":{"r":"m"},"roles":{"r":{"set_fields":{"chat_template_kwargs":{"effort":"low"}}}},
                                  "peers":{"p":{"url":"http://x","models":["f"],"strip_fields":["temperature"],"set_fields":{"a":null}}}})",
                              "/b", "/h");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->models.at("m").edits, (RequestEdits{.strip_fields = {"user"}, .set_fields = {{"seed", 7}, {"stop", {"a"}}}}));
  EXPECT_EQ(catalog->role_terms.at("r").set_fields, (common::Json{{"chat_template_kwargs", {{"effort", "low"}}}}));
  EXPECT_EQ(catalog->peers.at("p").edits, (RequestEdits{.strip_fields = {"temperature"}, .set_fields = {{"a", nullptr}}}));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","strip_fields":["model"]}}})"),
              HasSubstr("/catalog/m/strip_fields: \"model\" stays"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","strip_fields":"user"}}})"),
              HasSubstr("/catalog/m/strip_fields: a list of strings"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","set_fields":{"stream":true}}}})"),
              HasSubstr("/catalog/m/set_fields: \"stream\" stays"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","set_fields":[1]}}})"),
              HasSubstr("/catalog/m/set_fields: an object is expected, not array"));
}

TEST(RegistryFile, AContextThatNobodyHoldsIsAWarning) {
  tests::TempFolder folder;
  folder.write("registry.json", R"({"models":{"a":"theirs","b":"p/far","c":"ours"},"peers":{"p":{"url":"http://x","models":["far"]}},
      "catalog":{"theirs":{"runtime":"command","command":["x","${PORT}"]},"ours":{"artifact":"ours.gguf"}},
      "roles":{"a":{"context_tokens":100},"b":{"context_tokens":100},"c":{"context_tokens":100}}})");
  auto catalog = load(folder.path() / "registry.json");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_THAT(catalog->warnings,
              ElementsAre(HasSubstr("/roles/a/context_tokens: nothing holds it for theirs"), HasSubstr("/roles/b/context_tokens")));
}

TEST(RegistryFile, AnArtifactOfACommandIsMeasuredAndNotRead) {
  tests::TempFolder folder;
  folder.write("weights/a.safetensors", "12345");
  folder.write("weights/b.json", "123");
  folder.write("registry.json", R"({"catalog":{"m":{"runtime":"command","command":["x","${PORT}"],"artifact":"weights"},
                                               "n":{"runtime":"command","command":["x","${PORT}"]}}})");
  auto catalog = load(folder.path() / "registry.json");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->models.at("m").bytes, 8u);
  EXPECT_FALSE(catalog->models.at("m").identity.empty());
  EXPECT_TRUE(catalog->models.at("m").facts_problem.empty());
  EXPECT_FALSE(catalog->models.at("n").bytes);
}

TEST(RegistryFile, ReadsAdaptersAndHowPromptsAreCached) {
  auto catalog = read_catalog(R"({"catalog":{"m":{"artifact":"x","lora":[{"path":"a.gguf"},{"path":"~/b.gguf","scale":0.5}],
                                                  "prompt_cache_mib":0, "kv_unified":true, "cache_type_k":"q8_0"}}})",
                              "/b", "/h");
  ASSERT_TRUE(catalog) << catalog.error().message();
  const Model& model = catalog->models.at("m");
  EXPECT_THAT(model.adapters, ElementsAre(common::AdapterFile{"/b/a.gguf", 1}, common::AdapterFile{"/h/b.gguf", 0.5}));
  EXPECT_EQ(model.prompt_cache_mib, 0u);
  EXPECT_TRUE(model.kv_unified);
  EXPECT_EQ(model.cache_type_k, "q8_0");
  EXPECT_EQ(model.cache_type_v, "");
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","lora":[{"path":"a"},{"scale":1}]}}})"), HasSubstr("/catalog/m/lora/1/path"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","lora":[{"path":"a","scal":1}]}}})"), HasSubstr("did you mean scale?"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","lora":{"path":"a"}}}})"), HasSubstr("a list of objects"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","kv_unified":1}}})"), HasSubstr("/catalog/m/kv_unified"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","cache_type_v":"q9"}}})"),
              HasSubstr("/catalog/m/cache_type_v: \"q9\" is no type of a KV cache; there are f32, f16"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","prompt_cache_mib":-1}}})"), HasSubstr("/catalog/m/prompt_cache_mib"));
}

TEST(RegistryFile, ReadsTheProjectorOfAModelThatSees) {
  auto catalog = read_catalog(R"({"catalog":{"m":{"artifact":"x","projector":"mmproj.gguf"},"blind":{"artifact":"x"}}})", "/b", "/h");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->models.at("m").projector, "/b/mmproj.gguf");
  EXPECT_TRUE(catalog->models.at("blind").projector.empty());
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","projector":""}}})"), HasSubstr("/catalog/m/projector"));
  EXPECT_THAT(problem(R"({"catalog":{"m":{"artifact":"x","projector":1}}})"), HasSubstr("/catalog/m/projector"));
}

TEST(RegistryFile, ReadsWhichModelsArePinnedAndWhatTheyMayHold) {
  auto catalog = read_catalog(R"({"pinned":["embed","rerank"],"memory":{"pinned_mib":512}})", "/b", "/h");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_THAT(catalog->pinned, ElementsAre("embed", "rerank"));
  EXPECT_EQ(catalog->memory.pinned_bytes, 512ull << 20);
  EXPECT_EQ(read_catalog("{}", "/b", "/h")->memory.pinned_bytes, 2048ull << 20);
  EXPECT_THAT(problem(R"({"pinned":"embed"})"), HasSubstr("/pinned"));
  EXPECT_EQ(read_catalog(R"({"memory":{"saved_mib":3}})", "/b", "/h")->memory.saved_bytes, 3u << 20);
  EXPECT_EQ(read_catalog(R"({"memory":{"saved_mib":0}})", "/b", "/h")->memory.saved_bytes, 0u);
  EXPECT_EQ(read_catalog("{}", "/b", "/h")->memory.saved_bytes, 2048ull << 20);
  EXPECT_THAT(problem(R"({"memory":{"pinned_mb":1}})"), HasSubstr("pinned_mib"));
  EXPECT_THAT(problem(R"({"memory":{"pinned_mib":-1}})"), HasSubstr("/memory/pinned_mib"));
}

TEST(RegistryFile, AWorkerIsStartedAheadUnlessThePolicySaysOtherwise) {
  EXPECT_TRUE(read_catalog("{}", "/b", "/h")->policy.spare_worker);
  EXPECT_FALSE(read_catalog(R"({"policy":{"spare_worker":false}})", "/b", "/h")->policy.spare_worker);
  EXPECT_THAT(problem(R"({"policy":{"spare_worker":1}})"), HasSubstr("/policy/spare_worker"));
}

TEST(RegistryFile, ReadsWhenMemoryCountsAsShort) {
  auto catalog = read_catalog(R"({"memory":{"pressure":false,"pressure_available_mib":3000,"pressure_stall_percent":7.5}})", "/b", "/h");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_FALSE(catalog->memory.pressure);
  EXPECT_EQ(catalog->memory.pressure_available_bytes, 3000ull << 20);
  EXPECT_EQ(catalog->memory.pressure_stall_percent, 7.5);
  const auto usual = read_catalog("{}", "/b", "/h");
  EXPECT_TRUE(usual->memory.pressure);
  EXPECT_EQ(usual->memory.pressure_available_bytes, std::nullopt);
  EXPECT_THAT(problem(R"({"memory":{"pressure":1}})"), HasSubstr("/memory/pressure"));
  EXPECT_THAT(problem(R"({"memory":{"pressure_available_mib":0}})"), HasSubstr("/memory/pressure_available_mib"));
  EXPECT_THAT(problem(R"({"memory":{"pressure_stall_percent":0}})"), HasSubstr("/memory/pressure_stall_percent"));
  EXPECT_THAT(problem(R"({"memory":{"pressure_stall_percent":101}})"), HasSubstr("/memory/pressure_stall_percent"));
}

TEST(RegistryFile, APinnedModelThatIsNotThereIsAWarning) {
  tests::TempFolder folder;
  folder.write("registry.json", R"({"models":{"small":"embed"},"pinned":["small"]})");
  auto catalog = load(folder.path() / "registry.json");
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_THAT(catalog->warnings, ElementsAre(HasSubstr("there is no model small")));
}

TEST(RegistryFile, AnUnknownKeyIsNamedByItsPointerWithTheNearestKnownOne) {
  EXPECT_THAT(problem(R"({"catalog":{"a/b":{"artifact":"x","contxt_tokens":1}}})"),
              HasSubstr("/catalog/a~1b/contxt_tokens: unknown key, did you mean context_tokens?"));
  EXPECT_THAT(problem(R"({"policy":{"drain":1}})"), HasSubstr("/policy/drain: unknown key"));
}

TEST(RegistryFile, AnAllowedHostHasNoPort) {
  for (const char* host : {"box.lan:8080", "[::1]:80"})
    EXPECT_THAT(problem(std::format(R"({{"server":{{"allowed_hosts":["a","{}"]}}}})", host)), HasSubstr("a host without a port is expected"));
  EXPECT_EQ(problem(R"({"server":{"allowed_hosts":["Box.lan","[::1]","fe80::1"]}})"), "");
}

TEST(RegistryFile, EveryProblemIsReportedNotOnlyTheFirst) {
  const std::string all =
      problem(R"({"models":{"default":3},"catalog":{"m":{"parallel":0,"artifact":"x"}},"policy":{"max_queue":"many"}})");
  EXPECT_THAT(all, HasSubstr("/models/default: a string is expected"));
  EXPECT_THAT(all, HasSubstr("/catalog/m/parallel: a whole number from 1 to 256 is expected, not 0"));
  EXPECT_THAT(all, HasSubstr("/policy/max_queue"));
}

TEST(RegistryFile, RefusesWhatIsNotAnObjectAndSaysWhereJsonIsBroken) {
  EXPECT_THAT(problem("[]"), HasSubstr("one JSON object"));
  EXPECT_THAT(problem("{\"models\":{\"default\":}}"), HasSubstr("byte"));
  EXPECT_THAT(problem(R"({"models":[]})"), HasSubstr("/models: an object is expected"));
}

TEST(RegistryFile, ARoleMayNotHideAModel) {
  EXPECT_THAT(problem(R"({"models":{"m":"other"},"catalog":{"m":{"artifact":"x"}}})"), HasSubstr("/models/m"));
}

TEST(RegistryFile, FindsModelsInPlainFolders) {
  tests::TempFolder folder;
  folder.write("models/Qwen-3.GGUF", "x");
  folder.write("models/big-00001-of-00002.gguf", "x");
  folder.write("models/big-00002-of-00002.gguf", "x");
  folder.write("models/mmproj-big.gguf", "x");
  folder.write("models/notes.txt", "x");
  folder.write("more/qwen-3.gguf", "x");
  auto file = folder.write("registry.json", R"({"models":{"default":"qwen-3"},"model_dirs":["models","more","absent"]})");
  auto catalog = load(file);
  ASSERT_TRUE(catalog) << catalog.error().message();
  std::vector<std::string> ids;
  for (const auto& [id, model] : catalog->models) ids.push_back(id);
  EXPECT_THAT(ids, ElementsAre("big", "qwen-3"));
  EXPECT_EQ(catalog->models.at("qwen-3").artifact, folder.path() / "models/Qwen-3.GGUF");
  EXPECT_EQ(catalog->models.at("big").artifact.filename(), "big-00001-of-00002.gguf");
  EXPECT_EQ(catalog->models.at("big").projector.filename(), "mmproj-big.gguf");
  EXPECT_TRUE(catalog->models.at("qwen-3").projector.empty()) << "its name says whose it is";
  EXPECT_THAT(catalog->warnings, ElementsAre(HasSubstr("absent cannot be read: No such file")));
  EXPECT_THAT(catalog->left_out, ElementsAre(LeftOut{folder.path() / "more/qwen-3.gguf",
                                                     (folder.path() / "models/Qwen-3.GGUF").string() + " already has the id qwen-3"}));
}

TEST(RegistryFile, AFoundModelGivesWayToWhatIsWrittenAndToPeers) {
  tests::TempFolder folder;
  folder.write("models/m.gguf", "x");
  folder.write("models/box/repo/x-Q4_0.gguf", "x");
  auto file = folder.write("registry.json", R"({"model_dirs":["models"],"catalog":{"m":{"artifact":"mine.gguf"}},
      "peers":{"box":{"url":"http://127.0.0.1:9","models":["repo:Q4_0"]}}})");
  auto catalog = load(file);
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->models.size(), 1u);
  EXPECT_EQ(catalog->models.at("m").artifact, folder.path() / "mine.gguf");
  EXPECT_THAT(catalog->left_out, ElementsAre(testing::Field(&LeftOut::why, HasSubstr("box/repo:Q4_0 is a model of a peer"))));
}

TEST(RegistryFile, ASplitModelIsAllItsFiles) {
  tests::TempFolder folder;
  folder.write("models/big-00001-of-00002.gguf", std::string(100, 'x'));
  auto second = folder.write("models/big-00002-of-00002.gguf", std::string(50, 'x'));
  auto file = folder.write("registry.json", R"({"model_dirs":["models"],"memory":{"reserve_mib":100}})");
  auto catalog = load(file);
  ASSERT_TRUE(catalog) << catalog.error().message();
  ASSERT_EQ(catalog->models.size(), 1u);
  EXPECT_EQ(catalog->models.at("big").bytes, 150u);
  EXPECT_THAT(catalog->models.at("big").facts_problem, HasSubstr("not a GGUF file"));
  EXPECT_EQ(catalog->memory.reserve_bytes, 100u << 20);
  const std::string whole = catalog->models.at("big").identity;
  std::filesystem::resize_file(second, 60);
  EXPECT_NE(load(file, *catalog)->models.at("big").identity, whole) << "another second file is another model";
  std::filesystem::remove(second);
  EXPECT_EQ(load(file)->models.at("big").bytes, std::nullopt);
  EXPECT_EQ(load(file)->models.at("big").identity, "");
}

TEST(RegistryFile, AMissingFileIsAnErrorThatNamesIt) {
  auto catalog = load("/no/such/registry.json");
  ASSERT_FALSE(catalog);
  EXPECT_THAT(catalog.error().message(), HasSubstr("/no/such/registry.json"));
}

TEST(Catalog, ResolvesRolesAndIdsAndSaysWhatIsNear) {
  auto catalog = read_catalog(R"({"models":{"default":"m1","coding":"gone"},"catalog":{"m1":{"artifact":"/m1.gguf"}}})", "/b", "/h");
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->resolve("default")->model.id, "m1");
  EXPECT_EQ(catalog->resolve("default")->role, "default");
  EXPECT_EQ(catalog->resolve("m1")->role, "");
  EXPECT_THAT(catalog->resolve("defualt").error().message(), HasSubstr("did you mean default?"));
  EXPECT_THAT(catalog->resolve("coding").error().message(), HasSubstr("points at gone"));
}

}  // namespace
}  // namespace registry
