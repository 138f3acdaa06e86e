#include "proxy/cli/diagnosis.hpp"

#include <gmock/gmock.h>

#include "registry/model_facts.hpp"

namespace {

using common::ErrorKind;
using common::fail;
using common::Json;
using proxy::cli::Finding;
using proxy::cli::Grade;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

testing::Matcher<const Finding&> found(Grade grade, const std::string& what) {
  return testing::AllOf(testing::Field(&Finding::grade, grade), testing::Field(&Finding::what, HasSubstr(what)),
                        testing::Field(&Finding::advice, grade == Grade::ok ? testing::Matcher<std::string>(IsEmpty()) : Not(IsEmpty())));
}

TEST(DiagnosisTest, OfTheWorker) {
  const auto of = [](common::Result<common::ChildOutput> said) { return proxy::cli::diagnose_worker("/x/perch-worker", said, "1.0"); };
  EXPECT_THAT(of(common::ChildOutput{.text = "1.0\n"}), found(Grade::ok, "/x/perch-worker runs"));
  EXPECT_THAT(of(common::ChildOutput{.text = "0.9\n"}), found(Grade::wrong, "is of version 0.9, and this is 1.0"));
  EXPECT_THAT(of(common::ChildOutput{.status = {.code = 127}, .text = "libllama.so: not found\nmore"}),
              found(Grade::wrong, "fails (exit code 127): libllama.so: not found"));
  EXPECT_THAT(of(fail(ErrorKind::io, "no such file")), found(Grade::wrong, "cannot be run: no such file"));
}

TEST(DiagnosisTest, OfTheRegistry) {
  registry::Catalog catalog;
  catalog.roles["default"] = "a";
  EXPECT_THAT(proxy::cli::diagnose_registry({.path = "/r.json"}, catalog), ElementsAre(found(Grade::ok, "0 models, 1 roles")));
  EXPECT_THAT(proxy::cli::diagnose_registry({.path = "/r.json", .is_demo = true}, catalog),
              ElementsAre(found(Grade::warning, "demo models")));
  catalog.warnings = {"/pinned: there is no model x"};
  EXPECT_THAT(proxy::cli::diagnose_registry({.path = "/r.json"}, catalog),
              ElementsAre(found(Grade::ok, ""), found(Grade::warning, "/pinned: there is no")));
  EXPECT_THAT(proxy::cli::diagnose_registry({.path = "/r.json"}, fail(ErrorKind::bad_request, "/models/default: no")),
              ElementsAre(found(Grade::wrong, "/models/default: no")));
}

TEST(DiagnosisTest, OfTheModels) {
  registry::Catalog catalog;
  EXPECT_THAT(proxy::cli::diagnose_models(catalog), ElementsAre(found(Grade::wrong, "there are none")));
  catalog.models["good"] = {.id = "good"};
  catalog.models["unused"] = {.id = "unused", .facts_problem = "not a GGUF file"};
  catalog.models["used"] = {.id = "used", .facts_problem = "cannot be opened"};
  catalog.roles = {{"default", "used"}, {"coding", "elsewhere"}};
  EXPECT_THAT(proxy::cli::diagnose_models(catalog),
              ElementsAre(found(Grade::ok, "1 can be read"), found(Grade::warning, "unused: not a GGUF file"),
                          found(Grade::wrong, "used: cannot be opened"), found(Grade::warning, "coding points at elsewhere")));
  registry::Catalog remote;
  remote.peers["box"] = {.host = "box", .models = {"large"}};
  remote.roles = {{"default", "box/large"}, {"coding", "box/none"}};
  EXPECT_THAT(proxy::cli::diagnose_models(remote), ElementsAre(found(Grade::warning, "coding points at box/none")));
}

TEST(DiagnosisTest, OfMemory) {
  registry::Catalog catalog;
  constexpr std::uint64_t kGib = 1ull << 30;
  catalog.memory.reserve_bytes = kGib;
  auto facts = std::make_shared<registry::ModelFacts>();
  facts->tensor_bytes = 3 * kGib;
  catalog.models["large"] = {.id = "large", .facts = facts};
  const auto of = [&](const proxy::cli::MemoryFacts& memory) { return proxy::cli::diagnose_memory(catalog, memory); };
  EXPECT_THAT(of({.physical_bytes = 16 * kGib, .limit_bytes = 16 * kGib}),
              ElementsAre(found(Grade::ok, "models may take 15360.0 MiB: 1 fit")));
  EXPECT_THAT(of({.physical_bytes = 16 * kGib, .limit_bytes = 2 * kGib}),
              ElementsAre(found(Grade::ok, "models may take 1024.0 MiB: 0 fit"), found(Grade::warning, "a cgroup allows 2048.0 MiB"),
                          found(Grade::warning, "large needs")));
  EXPECT_THAT(of({.physical_bytes = 16 * kGib, .limit_bytes = 16 * kGib, .address_space_bytes = kGib}),
              ElementsAre(found(Grade::ok, ""), found(Grade::warning, "1024.0 MiB of address space")));
}

TEST(DiagnosisTest, OfLimitsAndFolders) {
  EXPECT_THAT(proxy::cli::diagnose_descriptors(1 << 20), found(Grade::ok, ""));
  EXPECT_THAT(proxy::cli::diagnose_descriptors(4096), found(Grade::warning, "enough for 1984 connections"));
  EXPECT_THAT(proxy::cli::diagnose_descriptors(256), found(Grade::wrong, "256 may be open"));
  EXPECT_THAT(proxy::cli::diagnose_cgroup(std::filesystem::path("/sys/fs/cgroup/x")), found(Grade::ok, "/sys/fs/cgroup/x"));
  EXPECT_THAT(proxy::cli::diagnose_cgroup(fail(ErrorKind::io, "it is read-only")), found(Grade::warning, "it is read-only"));
  EXPECT_THAT(proxy::cli::diagnose_state_folder("/s", true), found(Grade::ok, "/s"));
  EXPECT_THAT(proxy::cli::diagnose_state_folder("/s", false), found(Grade::warning, "cannot be written"));
  EXPECT_THAT(proxy::cli::diagnose_state_folder("", false), found(Grade::warning, "there is no folder"));
}

TEST(DiagnosisTest, OfTheDaemon) {
  const auto of = [](common::Result<Json> status) { return proxy::cli::diagnose_daemon("http://x:1", status, "/r.json", "1.0"); };
  const auto status = [](const char* version, Json problem = nullptr, const char* file = "/r.json") {
    return Json{{"version", version}, {"registry", {{"file", file}, {"last_error", std::move(problem)}}}};
  };
  EXPECT_THAT(of(fail(ErrorKind::io, "refused")), ElementsAre(found(Grade::warning, "none answers at http://x:1")));
  EXPECT_THAT(of(fail(ErrorKind::internal, "<html>")), ElementsAre(found(Grade::wrong, "something else answers at http://x:1: <html>")));
  EXPECT_THAT(of(Json{{"version", 7}}), ElementsAre(found(Grade::wrong, "no status of Perch")));
  EXPECT_THAT(of(Json::array()), ElementsAre(found(Grade::wrong, "no status of Perch")));
  EXPECT_THAT(of(status("1.0")), ElementsAre(found(Grade::ok, "1.0 answers")));
  EXPECT_THAT(of(status("0.9")), ElementsAre(found(Grade::warning, "0.9 answers at http://x:1, and this is 1.0")));
  EXPECT_THAT(of(status("1.0", "/models: no")), ElementsAre(found(Grade::ok, ""), found(Grade::wrong, "not in force: /models: no")));
  EXPECT_THAT(of(status("1.0", nullptr, "/other.json")), ElementsAre(found(Grade::ok, ""), found(Grade::warning, "it reads /other.json")));
  Json failing = status("1.0");
  failing["workers"] = {{{"model", "m"}, {"state", "quarantined"}, {"last_failure", "no GGUF"}},
                        {{"model", "n"}, {"state", "ready"}, {"last_failure", nullptr}}};
  EXPECT_THAT(of(failing), ElementsAre(found(Grade::ok, ""), found(Grade::wrong, "m is in quarantined: no GGUF")));
}

TEST(DiagnosisTest, OfThePort) {
  EXPECT_THAT(proxy::cli::diagnose_port("127.0.0.1:1", proxy::cli::Port::free), found(Grade::ok, "is free"));
  EXPECT_THAT(proxy::cli::diagnose_port("127.0.0.1:1", proxy::cli::Port::taken), found(Grade::wrong, "not Perch"));
  EXPECT_THAT(proxy::cli::diagnose_port("127.0.0.1:1", proxy::cli::Port::not_allowed), found(Grade::wrong, "may not be listened on"));
}

}  // namespace
