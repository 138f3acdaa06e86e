#include "registry/catalog.hpp"

#include <gmock/gmock.h>

#include "registry/registry_file.hpp"
#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kText = R"({
  "models": {"default": "large", "coding": "coder", "plain": "gone"},
  "catalog": {"large": {"artifact": "l"}, "coder": {"artifact": "c"}, "small": {"artifact": "s"}},
  "roles": {"coding": {"fallback": ["absent", "large", "small"], "priority": 7, "context_tokens": 4096,
                       "sampling": {"temperature": 0.2}, "enforced": {"max_tokens": 64}},
            "default": {"fallback": ["small"]}},
  "policy": {"priorities": {"coding": 1, "default": 2}},
  "patterns": {"claude-*-fast": "coding", "claude-*": "default", "gpt-*": "default", "l*": "coding"}
})";

class RolesTest : public testing::Test {
 protected:
  // "model" or "model instead of other: why". `unusable`: ids of models here and names of peers.
  std::string resolved(const std::string& name, std::set<std::string> unusable = {}) const {
    auto found = catalog.route(
        name, {.model = [&](const Model& model) { return unusable.contains(model.id) ? std::optional("it is quarantined") : std::nullopt; },
               .peer = [&](const std::string& peer) { return unusable.contains(peer) ? std::optional("it is away") : std::nullopt; }});
    if (!found) return "error: " + found.error().message();
    auto* here = std::get_if<Resolution>(&*found);
    const std::string id = here ? here->model.id : std::get<PeerResolution>(*found).id;
    return std::visit([&](const auto& one) { return one.instead_of.empty() ? id : id + " instead of " + one.instead_of + ": " + one.why; },
                      *found);
  }
  std::string role_of(const std::string& name) const {
    return std::visit([](const auto& one) { return one.role; }, catalog.route(name).value());
  }

  Catalog catalog = *read_catalog(kText, "/b", "/h");
};

TEST_F(RolesTest, AFallbackStandsInOnlyWhileTheRolesOwnModelCannotBeUsed) {
  EXPECT_EQ(resolved("coding"), "coder");
  EXPECT_EQ(resolved("coding", {"coder"}), "large instead of coder: it is quarantined");
  EXPECT_EQ(resolved("coding", {"coder", "large"}), "small instead of coder: it is quarantined");
  catalog.models.erase("coder");
  EXPECT_EQ(resolved("coding"), "large instead of coder: it is not known");
}

TEST_F(RolesTest, WhenNobodyCanStandInTheModelItselfSaysWhatIsTheMatter) {
  EXPECT_EQ(resolved("coding", {"coder", "large", "small"}), "coder");
  EXPECT_THAT(resolved("plain"), HasSubstr("the role plain points at gone"));
}

TEST_F(RolesTest, AnIdIsNeverAnsweredByOtherWeights) {
  EXPECT_EQ(resolved("coder", {"coder"}), "coder");
  EXPECT_EQ(catalog.resolve("coder")->role, "");
  catalog.roles["coder"] = "coder";
  catalog.role_terms["coder"].fallback = {"large"};
  EXPECT_EQ(resolved("coder", {"coder"}), "coder") << "that is an id whatever else it is";
  catalog.roles.erase("coder");
  catalog.roles["small"] = "large";  // its file was found in a folder after the role was written
  EXPECT_EQ(resolved("small"), "small");
  EXPECT_EQ(catalog.resolve("small")->role, "");
  catalog.models.erase("coder");
  EXPECT_THAT(resolved("coder"), HasSubstr("no role or model is called"));
}

TEST_F(RolesTest, PatternsMapForeignNamesInTheOrderOfTheFile) {
  EXPECT_EQ(resolved("claude-3-fast"), "coder");
  EXPECT_EQ(resolved("claude-3-slow"), "large");
  EXPECT_EQ(resolved("gpt-"), "large");
  EXPECT_EQ(role_of("gpt-4o"), "default");
  EXPECT_EQ(catalog.resolve("gpt-4o")->requested, "gpt-4o");
  EXPECT_EQ(resolved("large"), "large") << "what is a name here is not a foreign one";
  EXPECT_EQ(resolved("little"), "coder");
  EXPECT_THAT(resolved("my-gpt-4"), HasSubstr("no role or model is called"));
  EXPECT_EQ(resolved("gpt-4", {"large"}), "small instead of large: it is quarantined");
}

TEST_F(RolesTest, PatternsMatchAsManyCharactersAsItTakes) {
  catalog.patterns = {{"a*b*c", "coding"}, {"*", "default"}};
  EXPECT_EQ(resolved("abc"), "coder");
  EXPECT_EQ(resolved("axbxbxc"), "coder");
  EXPECT_EQ(resolved("abcd"), "large");
  EXPECT_EQ(resolved(std::string(100, 'a') + std::string(100, 'b')), "large");
  EXPECT_THAT(resolved(std::string(1000, 'a')), HasSubstr("no role")) << "that is no name";
  catalog.patterns = {{"exact", "coding"}, {"**x", "coding"}};
  EXPECT_EQ(resolved("exact"), "coder");
  EXPECT_EQ(resolved("yyx"), "coder");
  EXPECT_THAT(resolved("exact!"), HasSubstr("no role"));
}

TEST_F(RolesTest, ARoleAndAPatternMayMeanAModelOfAPeer) {
  catalog.peers["box"] = {.host = "box", .models = {"far", "a/b"}};
  catalog.roles["default"] = "box/a/b";
  for (const char* name : {"default", "gpt-4o", "box/a/b"}) {
    auto found = catalog.route(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(std::get<PeerResolution>(*found).id, "box/a/b");
    EXPECT_EQ(std::get<PeerResolution>(*found).model, "a/b");
  }
  EXPECT_EQ(role_of("gpt-4o"), "default");
  EXPECT_TRUE(catalog.names_a_model("box/far") && catalog.names_a_model("small"));
  EXPECT_FALSE(catalog.names_a_model("box/near") || catalog.names_a_model("other/far") || catalog.names_a_model("far"));
  for (const char* name : {"small", "coding"}) EXPECT_TRUE(std::holds_alternative<Resolution>(*catalog.route(name))) << name;
  EXPECT_THAT(resolved("box/near"), HasSubstr("no role or model is called"));
  EXPECT_THAT(catalog.resolve("default").error().message(), HasSubstr("served by the peer box"));
}

TEST_F(RolesTest, AFallbackMayBeAPeersModelAndItsTurnComesInOrder) {
  catalog.peers["box"] = {.host = "box", .models = {"far"}};
  catalog.role_terms["coding"].fallback = {"large", "box/far", "small"};
  EXPECT_EQ(resolved("coding"), "coder");
  EXPECT_EQ(resolved("coding", {"coder"}), "large instead of coder: it is quarantined") << "the one here comes first";
  EXPECT_EQ(resolved("coding", {"coder", "large"}), "box/far instead of coder: it is quarantined");
  EXPECT_EQ(resolved("coding", {"coder", "large", "box"}), "small instead of coder: it is quarantined");
  EXPECT_EQ(resolved("coding", {"coder", "large", "box", "small"}), "coder") << "who says itself what is the matter";
  EXPECT_EQ(resolved("coder", {"coder"}), "coder") << "an id has no fallback";
  EXPECT_EQ(role_of("coding"), "coding");
  catalog.models.erase("coder");
  catalog.role_terms["coding"].fallback = {"box/far"};
  EXPECT_EQ(resolved("coding"), "box/far instead of coder: it is not known");
  EXPECT_THAT(catalog.resolve("coding").error().message(), HasSubstr("box/far is served by the peer box")) << "so there is nothing to load";
}

TEST_F(RolesTest, APeerThatIsAwayHasFallbacksHereOrAtAnotherPeer) {
  catalog.peers["box"] = {.host = "box", .models = {"far"}};
  catalog.peers["attic"] = {.host = "attic", .models = {"old"}};
  catalog.roles["default"] = "box/far";
  catalog.role_terms["default"].fallback = {"attic/old", "small"};
  EXPECT_EQ(resolved("default"), "box/far");
  EXPECT_EQ(resolved("default", {"box"}), "attic/old instead of box/far: it is away");
  EXPECT_EQ(resolved("default", {"box", "attic"}), "small instead of box/far: it is away");
  EXPECT_EQ(resolved("default", {"box", "attic", "small"}), "box/far");
  EXPECT_EQ(resolved("box/far", {"box"}), "box/far") << "an id is never answered by other weights";
}

TEST_F(RolesTest, WhatTheOperatorChoseIsWhatActiveMeans) {
  EXPECT_EQ(resolved("active"), "large") << "nothing is chosen: the role default";
  EXPECT_EQ(resolved("active", {"large"}), "small instead of large: it is quarantined");
  catalog.chosen = "coder";
  EXPECT_EQ(resolved("active"), "coder");
  EXPECT_EQ(role_of("active"), "active");
  EXPECT_EQ(resolved("default"), "large");
  EXPECT_THAT(catalog.roles_of("coder"), ElementsAre("active", "coding"));
  catalog.patterns = {{"gpt-*", "active"}};
  EXPECT_EQ(resolved("gpt-4o"), "coder");
  catalog.peers["box"] = {.host = "box", .models = {"far"}};
  catalog.chosen = "box/far";
  EXPECT_EQ(resolved("active"), "box/far");
  EXPECT_FALSE(catalog.problem_with_choice());
}

TEST_F(RolesTest, AChoiceThatIsNotThereAnyMoreIsSaidSoUnlessTheRegistryNamesWhoStandsIn) {
  catalog.chosen = "gone";
  EXPECT_THAT(resolved("active"), HasSubstr("error: gone, which was chosen, is no model here any more"));
  EXPECT_TRUE(catalog.problem_with_choice());
  catalog.role_terms["active"].fallback = {"small"};
  EXPECT_EQ(resolved("active"), "small instead of gone: it is not known");
  catalog.chosen.reset();
  EXPECT_EQ(resolved("active"), "large");
  catalog.roles.erase("default");
  EXPECT_THAT(resolved("active"), HasSubstr("nothing is chosen and there is no role default"));
}

TEST_F(RolesTest, ARoleOrAModelThatIsCalledActiveKeepsItsName) {
  catalog.roles["active"] = "small";
  EXPECT_EQ(resolved("active"), "small") << "what the registry says holds while nothing is chosen";
  catalog.chosen = "coder";
  EXPECT_EQ(resolved("active"), "coder");
  EXPECT_EQ(catalog.roles_of("small").size(), 0u);
  catalog.models["active"] = {.id = "active"};
  EXPECT_EQ(resolved("active"), "active") << "an id is never answered by other weights";
  EXPECT_THAT(*catalog.problem_with_choice(), HasSubstr("a model here has the id active"));
}

TEST_F(RolesTest, ARolesOwnTermsAreRead) {
  EXPECT_EQ(catalog.priority_of("coding"), 7) << "it stands before the policy's";
  EXPECT_EQ(catalog.priority_of("default"), 2);
  const RoleTerms& terms = catalog.role_terms.at("coding");
  EXPECT_THAT(terms.fallback, ElementsAre("absent", "large", "small"));
  EXPECT_EQ(terms.context_tokens, 4096u);
  EXPECT_EQ(terms.sampling, (common::Json{{"temperature", 0.2}}));
  EXPECT_EQ(terms.enforced, (common::Json{{"max_tokens", 64}}));
}

TEST_F(RolesTest, WhatIsWrongInARoleIsNamed) {
  const auto problem = [](const std::string& text) { return read_catalog(text, "/b", "/h").error().message(); };
  EXPECT_THAT(problem(R"({"roles":{"coding":{"fallbak":[]}}})"), HasSubstr("/roles/coding/fallbak: unknown key, did you mean fallback?"));
  EXPECT_THAT(problem(R"({"roles":{"coding":{"fallback":"x"}}})"), HasSubstr("/roles/coding/fallback: a list of strings"));
  EXPECT_THAT(problem(R"({"roles":{"coding":{"priority":1.5}}})"), HasSubstr("/roles/coding/priority: must be a whole number"));
  EXPECT_THAT(problem(R"({"roles":{"coding":{"priority":101}}})"), HasSubstr("from -100 to 100"));
  EXPECT_THAT(problem(R"({"roles":{"coding":{"context_tokens":1}}})"), HasSubstr("/roles/coding/context_tokens"));
  EXPECT_THAT(problem(R"({"roles":{"coding":{"sampling":{"top_q":1}}}})"), HasSubstr("/roles/coding/sampling/top_q"));
  EXPECT_THAT(problem(R"({"patterns":{"gpt-*":5}})"), HasSubstr("/patterns/gpt-*: a string is expected"));
  EXPECT_THAT(problem(R"({"patterns":{"gpt-*":""}})"), HasSubstr("must not be empty"));
  EXPECT_THAT(problem(R"({"models":{"m":"other"},"catalog":{"m":{"artifact":"x"}}})"),
              HasSubstr("/models/m: there is a model with this id"));
}

TEST_F(RolesTest, NamesThatMeanNothingNowAreWarnedOf) {
  tests::TempFolder folder;
  auto file = folder.write("registry.json", R"({"models":{"default":"a"},"catalog":{"a":{"artifact":"a"}},
    "roles":{"coding":{},"active":{"priority":1},"default":{"fallback":["b","box/m","box/n"]}},"patterns":{"gpt-*":"nobody","o*":"active"},
    "peers":{"box":{"url":"http://box","models":["m"]}}})");
  FactsReader facts;
  auto loaded = load_catalog(file, facts);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_THAT(loaded->warnings, ElementsAre("/roles/coding: there is no such role in /models",
                                            "/roles/default/fallback: there is no model b (ids are expected, not roles)",
                                            "/roles/default/fallback: there is no model box/n (ids are expected, not roles)",
                                            "/patterns/gpt-*: there is no role nobody in /models"));
}

}  // namespace
}  // namespace registry
