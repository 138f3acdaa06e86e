#include "registry/model_names.hpp"

#include <gmock/gmock.h>

#include <map>

namespace registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Id to file.
std::map<std::string, std::string> ids(const NamedFiles& named) {
  std::map<std::string, std::string> all;
  for (const NamedFile& model : named.models) all[model.id] = model.file;
  return all;
}

// File to projector.
std::map<std::string, std::string> projectors(const NamedFiles& named) {
  std::map<std::string, std::string> all;
  for (const NamedFile& model : named.models) all[model.file] = model.projector;
  return all;
}

using Map = std::map<std::string, std::string>;

TEST(ModelNames, InAPlainFolderTheStemInLowerCaseIsTheId) {
  EXPECT_EQ(ids(name_plain({"Qwen-3.GGUF", "b.gguf"})), (Map{{"qwen-3", "Qwen-3.GGUF"}, {"b", "b.gguf"}}));
}

TEST(ModelNames, InARepositoryItIsTheRepositoryAndTheTypeThatTheNameEndsIn) {
  EXPECT_EQ(
      ids(name_repository("unsloth/Qwen3-8B-GGUF", {"Qwen3-8B-Q4_K_M.gguf", "Qwen3-8B.q8_0.gguf", "Qwen3-8B-UD-Q4_K_XL.gguf",
                                                    "BF16/Qwen3-8B-BF16-00001-of-00002.gguf", "BF16/Qwen3-8B-BF16-00002-of-00002.gguf"})),
      (Map{{"unsloth/Qwen3-8B-GGUF:Q4_K_M", "Qwen3-8B-Q4_K_M.gguf"},
           {"unsloth/Qwen3-8B-GGUF:Q8_0", "Qwen3-8B.q8_0.gguf"},
           {"unsloth/Qwen3-8B-GGUF:UD-Q4_K_XL", "Qwen3-8B-UD-Q4_K_XL.gguf"},
           {"unsloth/Qwen3-8B-GGUF:BF16", "BF16/Qwen3-8B-BF16-00001-of-00002.gguf"}}));
  EXPECT_EQ(ids(name_repository("a/b", {"model.gguf"})), (Map{{"a/b:MODEL", "model.gguf"}}));
  EXPECT_EQ(ids(name_repository("a/b", {"größe.gguf"})), (Map{{"a/b:größe.gguf", "größe.gguf"}})) << "that is no word to end in";
}

TEST(ModelNames, FilesOfARepositoryThatEndAlikeAreCalledByTheirWholeNames) {
  const NamedFiles named = name_repository("a/b", {"small-Q4_0.gguf", "sub/large-q4_0-00001-of-00002.gguf", "small-Q8_0.gguf"});
  EXPECT_EQ(ids(named), (Map{{"a/b:small-Q4_0.gguf", "small-Q4_0.gguf"},
                             {"a/b:sub/large-q4_0.gguf", "sub/large-q4_0-00001-of-00002.gguf"},
                             {"a/b:Q8_0", "small-Q8_0.gguf"}}))
      << "a/b:Q4_0 is neither: it must not mean another file when one more is downloaded";
  EXPECT_THAT(named.notices, ElementsAre("a/b:Q4_0 could mean 2 files, so it means none of them: they are called a/b:small-Q4_0.gguf and "
                                         "a/b:sub/large-q4_0.gguf"));
}

TEST(ModelNames, ASplitModelWithoutItsFirstPartIsNamed) {
  const NamedFiles named =
      name_plain({"big-00002-of-00003.gguf", "big-00003-of-00003.gguf", "ok-00001-of-00002.gguf", "ok-00002-of-00002.gguf"});
  EXPECT_EQ(ids(named), (Map{{"ok", "ok-00001-of-00002.gguf"}}));
  ASSERT_EQ(named.left_out.size(), 1u) << "once, not for each part";
  EXPECT_EQ(named.left_out[0].path, "big-00002-of-00003.gguf");
  EXPECT_THAT(named.left_out[0].why, HasSubstr("the first part, big-00001-of-00003.gguf, is missing"));
}

TEST(ModelNames, AProjectorBelongsToAllQuantizationsInItsRepository) {
  EXPECT_EQ(projectors(name_repository("a/b", {"vl-Q4_0.gguf", "vl-Q8_0.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf", "mmproj-F32.gguf"})),
            (Map{{"vl-Q4_0.gguf", "mmproj-F16.gguf"}, {"vl-Q8_0.gguf", "mmproj-F16.gguf"}}))
      << "projectors are made in 16 bits";
  EXPECT_EQ(projectors(name_repository("a/b", {"x/m-Q4_0.gguf", "m-Q8_0.gguf", "y/n-Q5_0.gguf", "mmproj-f16.gguf", "x/mmproj-q8_0.gguf"})),
            (Map{{"x/m-Q4_0.gguf", "x/mmproj-q8_0.gguf"}, {"m-Q8_0.gguf", "mmproj-f16.gguf"}, {"y/n-Q5_0.gguf", "mmproj-f16.gguf"}}))
      << "the nearest one";
}

TEST(ModelNames, InAPlainFolderItsNameOrItsBeingAloneTells) {
  EXPECT_EQ(projectors(name_plain({"vl-q4_0.gguf", "vl-q8_0.gguf", "mmproj-model-f16.gguf"})),
            (Map{{"vl-q4_0.gguf", "mmproj-model-f16.gguf"}, {"vl-q8_0.gguf", "mmproj-model-f16.gguf"}}))
      << "there is one model here";
  const NamedFiles several = name_plain({"vl-q4_0.gguf", "text-q4_0.gguf", "VL-mmproj-f16.gguf", "mmproj-other.gguf"});
  EXPECT_EQ(projectors(several), (Map{{"vl-q4_0.gguf", "VL-mmproj-f16.gguf"}, {"text-q4_0.gguf", ""}}));
  ASSERT_EQ(several.left_out.size(), 1u);
  EXPECT_EQ(several.left_out[0].path, "mmproj-other.gguf");
  EXPECT_THAT(several.left_out[0].why, HasSubstr("its name does not tell"));
  EXPECT_THAT(name_plain({"mmproj-a.gguf"}).left_out[0].why, HasSubstr("there is no model beside it"));
}

TEST(ModelNames, WhatCannotBeAnIdIsLeftOut) {
  const NamedFiles named = name_plain({"a\nb.gguf", "\xff\xfe.gguf", "imatrix-a.gguf", "ok.gguf"});
  EXPECT_EQ(ids(named), (Map{{"ok", "ok.gguf"}}));
  ASSERT_EQ(named.left_out.size(), 2u);
  EXPECT_THAT(named.left_out[0].why, HasSubstr("control characters"));
  EXPECT_THAT(named.left_out[1].why, HasSubstr("not UTF-8"));
}

TEST(ModelNames, FilesThatSomebodyIsWritingAreSeenAsSuch) {
  for (const char* name : {"a.gguf.part", "downloading_A.GGUF.part", "a.gguf.incomplete", "a.gguf.downloadInProgress"})
    EXPECT_TRUE(is_unfinished_name(name)) << name;
  for (const char* name : {"a.gguf", "a.part", "a.gguf.txt"}) EXPECT_FALSE(is_unfinished_name(name)) << name;
  EXPECT_TRUE(is_gguf_name("A.GGUF"));
  EXPECT_FALSE(is_gguf_name(".hidden.gguf"));
  EXPECT_FALSE(is_gguf_name("a.gguf.part"));
}

}  // namespace
}  // namespace registry
