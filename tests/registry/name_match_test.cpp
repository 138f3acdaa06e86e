#include "registry/name_match.hpp"

#include <gmock/gmock.h>

namespace registry {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class NameMatchTest : public testing::Test {
 protected:
  NameMatchTest() {
    for (const char* id : {"qwen3-32b", "qwen3-32b-coder", "wren", "sparrow", "Lark"}) catalog.models[id] = {.id = id};
    catalog.models["wren"].description = "Thinks first; made for the Editor";
    catalog.roles = {{"coding", "qwen3-32b-coder"}, {"quickest", "sparrow"}, {"lost", "nobody"}, {"far", "box/glm-4.6"}};
    catalog.peers["box"] = {.host = "box", .models = {"glm-4.6", "qwen3-235b"}};
  }
  // "id by kind", or the error.
  std::string found(const std::string& said) const {
    auto match = match_name(said, catalog);
    return match ? match->id + " by " + std::string(to_string(match->by)) : match.error().message();
  }

  Catalog catalog;
};

TEST_F(NameMatchTest, AnIdIsBeforeARoleIsBeforeAFragment) {
  EXPECT_EQ(found("qwen3-32b"), "qwen3-32b by id") << "also where another id holds it";
  EXPECT_EQ(found("box/glm-4.6"), "box/glm-4.6 by id");
  EXPECT_EQ(found("quickest"), "sparrow by role");
  EXPECT_EQ(found("far"), "box/glm-4.6 by role");
  catalog.models["a-coding-model"] = {.id = "a-coding-model"};
  EXPECT_EQ(found("coding"), "qwen3-32b-coder by role");
  catalog.roles["sparrow"] = "wren";  // a file that was found later
  EXPECT_EQ(found("sparrow"), "sparrow by id");
}

TEST_F(NameMatchTest, AFragmentIsEnoughWhenOnlyOneHasIt) {
  EXPECT_EQ(found("coder"), "qwen3-32b-coder by fragment");
  EXPECT_EQ(found("235B"), "box/qwen3-235b by fragment");
  EXPECT_EQ(found("GLM"), "box/glm-4.6 by fragment");
  EXPECT_EQ(found("lark"), "Lark by fragment");
  EXPECT_EQ(found("for the editor"), "wren by fragment") << "descriptions count";
  EXPECT_EQ(found("QWEN3-32B"), "qwen3-32b by fragment") << "the whole id in another case is no fragment of the longer one";
}

TEST_F(NameMatchTest, WhatSeveralHaveIsRefusedWithAllOfThem) {
  EXPECT_EQ(found("qwen3"), "\"qwen3\" may be any of 3 models: box/qwen3-235b, qwen3-32b, qwen3-32b-coder; say more of its name");
  EXPECT_EQ(match_name("qwen3", catalog).error().kind(), common::ErrorKind::bad_request);
  for (int i = 0; i < 20; ++i) catalog.models["m" + std::to_string(100 + i)] = {.id = "m" + std::to_string(100 + i)};
  EXPECT_THAT(found("m1"), AllOf(HasSubstr("any of 20 models: m100, m101"), HasSubstr("m111 and 8 more"), Not(HasSubstr("m112"))));
}

TEST_F(NameMatchTest, WhatNobodyHasIsRefusedWithTheNearest) {
  EXPECT_EQ(found("sparow"), "no model has \"sparow\" in its id or its description; did you mean sparrow?");
  EXPECT_THAT(found("quikest"), HasSubstr("did you mean quickest?"));
  EXPECT_EQ(match_name("sparow", catalog).error().kind(), common::ErrorKind::model_not_found);
  EXPECT_EQ(match_name("sparow", catalog).error().param(), "model");
  EXPECT_THAT(found("lost"), HasSubstr("the role lost points at nobody"));
  EXPECT_THAT(found(""), HasSubstr("a name is expected"));
  EXPECT_THAT(found(std::string(201, 'a')), HasSubstr("at most 200 bytes"));
}

}  // namespace
}  // namespace registry
