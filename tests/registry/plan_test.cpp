#include "registry/plan.hpp"

#include <gmock/gmock.h>

#include "registry/registry_file.hpp"

namespace registry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Catalog catalog_of(const std::string& text) {
  auto catalog = read_catalog(text, "/base", "/home/me");
  if (!catalog) throw std::runtime_error(catalog.error().message());
  catalog->text = text;
  catalog->digest = digest_of(text);
  return *catalog;
}

std::vector<std::string> pointers(const std::vector<KeyChange>& changes) {
  std::vector<std::string> all;
  for (const KeyChange& change : changes) all.push_back(change.pointer);
  return all;
}

const std::string kBefore = R"({
  "models": {"default": "a", "coding": "b", "old": "a"},
  "catalog": {"a": {"artifact": "a.gguf", "description": "one"}, "b": {"artifact": "b.gguf", "sampling": {"top_k": 20}},
              "gone": {"artifact": "g.gguf"}},
  "policy": {"max_wait": 20},
  "endpoints": {"x": 1}, "nodeports": {}
})";

TEST(Plan, TheSameTextChangesNothing) {
  const Plan plan = plan_of(catalog_of(kBefore), catalog_of(kBefore));
  EXPECT_FALSE(plan.changes);
  EXPECT_THAT(plan.models, IsEmpty());
  EXPECT_THAT(plan.roles, IsEmpty());
  EXPECT_THAT(plan.settings, IsEmpty());
  EXPECT_THAT(plan.foreign, IsEmpty());
  EXPECT_EQ(plan.digest_before, plan.digest_after);
  EXPECT_TRUE(plan.digest_after.starts_with("xxh64:"));
}

TEST(Plan, NamesEveryModelThatIsAddedRemovedOrChangedAndItsKeys) {
  const Plan plan = plan_of(catalog_of(kBefore), catalog_of(R"({
    "models": {"default": "a", "coding": "b", "old": "a"},
    "catalog": {"a": {"artifact": "a.gguf", "description": "two"}, "b": {"artifact": "b.gguf", "sampling": {"top_k": 40}, "parallel": 2},
                "new": {"artifact": "n.gguf"}},
    "policy": {"max_wait": 20}, "endpoints": {"x": 1}, "nodeports": {}})"));
  EXPECT_TRUE(plan.changes);
  ASSERT_EQ(plan.models.size(), 4u);
  EXPECT_EQ(plan.models[0].id, "a");
  EXPECT_EQ(plan.models[0].fate, ModelFate::changed);
  EXPECT_THAT(pointers(plan.models[0].keys), ElementsAre("/catalog/a/description"));
  EXPECT_EQ(plan.models[0].keys[0].before, common::Json("one"));
  EXPECT_EQ(plan.models[0].keys[0].after, common::Json("two"));
  EXPECT_FALSE(plan.models[0].worker_leaves) << "a description is nothing to a worker";
  EXPECT_EQ(plan.models[1].id, "b");
  EXPECT_THAT(pointers(plan.models[1].keys), ElementsAre("/catalog/b/sampling/top_k", "/catalog/b/parallel"));
  EXPECT_EQ(plan.models[1].keys[1].before, std::nullopt);
  EXPECT_TRUE(plan.models[1].worker_leaves);
  EXPECT_EQ(plan.models[2].id, "gone");
  EXPECT_EQ(plan.models[2].fate, ModelFate::removed);
  EXPECT_TRUE(plan.models[2].worker_leaves);
  EXPECT_EQ(plan.models[3].id, "new");
  EXPECT_EQ(plan.models[3].fate, ModelFate::added);
  EXPECT_FALSE(plan.models[3].worker_leaves);
}

TEST(Plan, AnotherFileUnderTheSameEntryIsAChange) {
  Catalog before = catalog_of(kBefore), after = catalog_of(kBefore);
  before.models.at("a").identity = "one";
  after.models.at("a").identity = "two";
  const Plan plan = plan_of(before, after);
  ASSERT_EQ(plan.models.size(), 1u);
  EXPECT_TRUE(plan.models[0].file_changed);
  EXPECT_TRUE(plan.models[0].worker_leaves);
  EXPECT_THAT(plan.models[0].keys, IsEmpty());
}

TEST(Plan, SaysWhichRolesMeanSomethingElseAndWhichMeanNothing) {
  const Plan plan = plan_of(catalog_of(kBefore), catalog_of(R"({
    "models": {"default": "b", "coding": "b", "large": "gome"},
    "catalog": {"a": {"artifact": "a.gguf", "description": "one"}, "b": {"artifact": "b.gguf", "sampling": {"top_k": 20}},
                "gone": {"artifact": "g.gguf"}},
    "policy": {"max_wait": 20}, "endpoints": {"x": 1}, "nodeports": {}})"));
  ASSERT_EQ(plan.roles.size(), 3u);
  EXPECT_EQ(plan.roles[0].role, "default");
  EXPECT_EQ(plan.roles[0].before, "a");
  EXPECT_EQ(plan.roles[0].after, "b");
  EXPECT_EQ(plan.roles[1].role, "old");
  EXPECT_EQ(plan.roles[1].after, std::nullopt);
  EXPECT_EQ(plan.roles[2].role, "large");
  EXPECT_EQ(plan.roles[2].before, std::nullopt);
  ASSERT_EQ(plan.unknown_targets.size(), 1u);
  EXPECT_EQ(plan.unknown_targets[0].id, "gome");
  EXPECT_THAT(plan.unknown_targets[0].nearest, testing::Contains("gone"));
  EXPECT_THAT(plan.models, IsEmpty());
}

TEST(Plan, TellsSettingsByTheirPointersAndForeignSectionsByName) {
  const Plan plan = plan_of(catalog_of(kBefore), catalog_of(R"({
    "models": {"default": "a", "coding": "b", "old": "a"},
    "catalog": {"a": {"artifact": "a.gguf", "description": "one"}, "b": {"artifact": "b.gguf", "sampling": {"top_k": 20}},
                "gone": {"artifact": "g.gguf"}},
    "policy": {"max_wait": 30, "priorities": {"coding": 5}}, "server": {"listen": "127.0.0.1:9"},
    "endpoints": {"x": 2}, "cliVersions": {}})"));
  EXPECT_THAT(pointers(plan.settings), ElementsAre("/policy/max_wait", "/policy/priorities", "/server"));
  EXPECT_THAT(plan.foreign, ElementsAre("endpoints", "nodeports", "cliVersions"));
  EXPECT_TRUE(plan.needs_restart);
  const common::Json json = plan_json(plan);
  EXPECT_EQ(json["settings"][0]["before"], 20);
  EXPECT_EQ(json["settings"][0]["after"], 30);
  EXPECT_FALSE(json["settings"][2].contains("before"));
}

TEST(Plan, AKeyWithASlashIsEscapedInItsPointer) {
  const auto changes = differences(*common::parse_json(R"({"a/b":{"~":1}})"), *common::parse_json(R"({"a/b":{"~":2}})"));
  EXPECT_THAT(pointers(changes), ElementsAre("/a~1b/~0"));
}

}  // namespace
}  // namespace registry
