#include "worker/engine/vocabulary.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"
#include "worker/engine/backend.hpp"
#include "worker/engine/model.hpp"

namespace worker::engine {
namespace {

class VocabularyTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { start_backend(false); }
  Model load(const support::TinyModel& shape) {
    auto path = (folder.path() / "model.gguf").string();
    support::write_tiny_model(path, shape);
    auto model = Model::load(path, [](double) { return true; });
    if (!model) throw std::runtime_error(model.error().message());
    return std::move(*model);
  }
  static Token token_of(const Model& model, const std::string& text) {
    auto tokens = model.vocabulary().tokenize(text, false, true);
    EXPECT_EQ(tokens.size(), 1u);
    return tokens.at(0);
  }

  tests::TempFolder folder;
};

TEST_F(VocabularyTest, GoesToTokensAndBack) {
  Model model = load({});
  const std::string text = "Hi \u20ac <|im_start|>";
  EXPECT_EQ(model.vocabulary().text_of(model.vocabulary().tokenize(text, false, true)), text);
  EXPECT_GT(model.vocabulary().tokenize("<|im_start|>", false, false).size(), 1u) << "without parse_special it is ordinary text";
}

TEST_F(VocabularyTest, ShowsControlTokensOnlyWhereAParserNeedsThem) {
  Model model = load({.control_markers = true});
  Token think = token_of(model, "<think>");
  EXPECT_EQ(model.vocabulary().piece(think), "");
  model.vocabulary().show({"<think>", "<|im_end|>", "no token of its own"});
  EXPECT_EQ(model.vocabulary().piece(think), "<think>");
  EXPECT_EQ(model.vocabulary().piece(token_of(model, "<|im_start|>")), "");
  EXPECT_EQ(model.vocabulary().piece(token_of(model, "<|im_end|>")), "") << "it ends the answer and is never part of it";
}

TEST_F(VocabularyTest, UserDefinedMarkersAreTextAnyway) {
  Model model = load({});
  EXPECT_EQ(model.vocabulary().piece(token_of(model, "<tool_call>")), "<tool_call>");
}

// For this way to cut text into words libllama has std::regex, whose matcher recursed for every character until GCC 16: of a libllama that
// was built with an older one, 26,000 letters in a row overflow a stack of 8 MiB.
TEST_F(VocabularyTest, ALongRunWithoutABreakFitsTheStack) {
  Model model = load({.pre = "gpt-4o"});
  for (const char character : {'a', '.', '#'}) {
    const std::string run(200'000, character);
    EXPECT_EQ(model.vocabulary().tokenize(run, false, false).size(), run.size()) << character;
  }
}

TEST_F(VocabularyTest, ALoadCanBeGivenUp) {
  auto path = (folder.path() / "model.gguf").string();
  support::write_tiny_model(path);
  auto model = Model::load(path, [](double) { return false; });
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind(), common::ErrorKind::cancelled);
}

}  // namespace
}  // namespace worker::engine
