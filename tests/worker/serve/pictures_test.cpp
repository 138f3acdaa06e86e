// Pictures in the scheduler. The picture of these tests shows words: its embeddings are those that the model has for letters, so that it
// must be answered like the letters themselves.
#include <ggml.h>
#include <gguf.h>
#include <gmock/gmock.h>

#include <deque>

#include "tests/worker/serve/scheduler_fixture.hpp"

namespace worker::serve {
namespace {

using engine::PictureContent;

// Encodes when the test says so.
class LateEncoder : public engine::PictureEncoder {
 public:
  void encode(const std::shared_ptr<PictureContent>& content, std::function<void()>) override {
    content->asked_for();
    asked.push_back(content);
  }
  std::deque<std::weak_ptr<PictureContent>> asked;
};

class PicturesTest : public SchedulerTest {
 protected:
  PicturesTest() { encoder = &late; }

  std::vector<float> embeddings_of(const std::string& letters) {
    ggml_context* data = nullptr;
    gguf_context* file = gguf_init_from_file(path.c_str(), {.no_alloc = false, .ctx = &data});
    const ggml_tensor* table = ggml_get_tensor(data, "token_embd.weight");
    std::vector<float> rows;
    for (engine::Token token : model.vocabulary().tokenize(letters, false, false)) {
      const float* row = static_cast<const float*>(table->data) + token * table->ne[0];
      rows.insert(rows.end(), row, row + table->ne[0]);
    }
    gguf_free(file);
    ggml_free(data);
    return rows;
  }
  // `before`, a picture with as many places as `shown` has letters, `behind`. `look`: equal numbers, equal pictures.
  JobRequest seeing(const std::string& before, const std::string& shown, const std::string& behind, int look = 1, bool whole = false) {
    JobRequest request = greedy(before, 20);
    request.pictures.push_back({.begin = request.prompt.size(),
                                .places = shown.size(),
                                .positions = static_cast<int>(shown.size()),
                                .whole = whole,
                                .content = std::make_shared<PictureContent>()});
    for (std::size_t i = 0; i < shown.size(); ++i) request.prompt.push_back(-1000 * look - static_cast<int>(i));
    for (engine::Token token : model.vocabulary().tokenize(behind, false, false)) request.prompt.push_back(token);
    return request;
  }
  void encode_next(const std::string& shown) {
    auto content = late.asked.front().lock();
    late.asked.pop_front();
    if (content) content->finish(embeddings_of(shown));
  }
  std::string answer(JobRequest request, const std::string& shown) {
    auto job = submit(std::move(request));
    work();
    if (!late.asked.empty()) encode_next(shown);
    return all_of(job);
  }

  LateEncoder late;
};

TEST_F(PicturesTest, AreReadWhereTheyStandInPartsOfAnySize) {
  const std::string wanted = alone("before, shown here and behind", 20);
  for (int budget : {512, 7, 3, 1}) {
    start({.slots = 1, .prompt_tokens_per_turn = budget});
    EXPECT_EQ(answer(seeing("before, ", "shown here", " and behind"), "shown here"), wanted) << budget << " a turn";
    EXPECT_EQ(finish.prompt_tokens, 29u);
  }
}

TEST_F(PicturesTest, AreWaitedForWithoutWorkAndWithoutHoldingOthersUp) {
  const std::string alone_said = alone("somebody else", 20);
  start({.slots = 2});
  const auto before = totals.prompt_tokens.load();
  auto waits = submit(seeing("before ", "shown", " behind"));
  work();
  EXPECT_EQ(totals.prompt_tokens, before + 7) << "the text before it is read meanwhile";
  EXPECT_EQ(totals.slots_busy, 1u);
  EXPECT_FALSE(scheduler->turn()) << "nothing to do before the encoder calls";
  EXPECT_EQ(ask("somebody else", 20), alone_said);
  encode_next("shown");
  EXPECT_EQ(all_of(waits).size(), 20u);
}

TEST_F(PicturesTest, TakePartInThePromptCache) {
  const std::string beginning(100, 'b');
  start({.slots = 2});
  const std::string first = answer(seeing(beginning, "shown", " behind"), "shown");
  const std::string again = answer(seeing(beginning, "shown", " behind"), "never asked for");
  EXPECT_EQ(again, first);
  EXPECT_EQ(finish.cached_tokens, finish.prompt_tokens - 1);
  EXPECT_TRUE(late.asked.empty()) << "what is in the cache need not be encoded";
  const std::string other = answer(seeing(beginning, "other", " behind", 2), "other");
  EXPECT_EQ(finish.cached_tokens, 100u) << "up to where the pictures differ";
  EXPECT_EQ(other, alone(beginning + "other behind", 20));
}

TEST_F(PicturesTest, AreKnownAgainInASavedConversation) {
  const std::string beginning(100, 'b');
  const std::string wanted_of_other = alone(beginning + "other behind", 20);
  auto start_anew = [&] {
    scheduler.reset();
    sessions = std::make_unique<SavedSessions>(folder.path() / "sessions", "sha256:key", "tiny");
    start({.slots = 1});
  };
  start_anew();
  const std::string first = answer(seeing(beginning, "shown", " behind"), "shown");
  EXPECT_EQ(scheduler->save_sessions({.limits = {.bytes = 1 << 30}, .left = [] { return std::chrono::hours(1); }}).sessions, 1u);
  start_anew();
  EXPECT_EQ(answer(seeing(beginning, "shown", " behind"), "never asked for"), first);
  EXPECT_EQ(finish.cached_tokens, finish.prompt_tokens - 1);
  EXPECT_TRUE(late.asked.empty());
  start_anew();
  EXPECT_EQ(answer(seeing(beginning, "other", " behind", 2), "other"), wanted_of_other);
  EXPECT_EQ(finish.cached_tokens, 100u) << "up to where the pictures differ";
}

TEST_F(PicturesTest, LeftInTheMiddleAreNeverUsedInPart) {
  const std::string wanted = alone("before shown behind", 20);
  start({.slots = 1, .prompt_tokens_per_turn = 2});
  const auto before = totals.prompt_tokens.load();
  auto leaves = submit(seeing("before ", "shown", " behind"));
  work();
  encode_next("shown");
  scheduler->turn();
  EXPECT_EQ(totals.prompt_tokens, before + 9) << "two of five places";
  leaves->cancel();
  scheduler->turn();
  EXPECT_EQ(totals.slots_busy, 0u);
  EXPECT_EQ(answer(seeing("before ", "shown", " behind"), "shown"), wanted);
  EXPECT_EQ(finish.cached_tokens, 7u);
}

TEST_F(PicturesTest, OfSomebodyWhoHasLeftAreForgotten) {
  start({.slots = 1});
  {
    auto leaves = submit(seeing("before ", "shown", " behind"));
    work();
    leaves->cancel();
  }
  work();
  ASSERT_EQ(late.asked.size(), 1u);
  EXPECT_TRUE(late.asked.front().expired());
  EXPECT_EQ(ask("next", 5).size(), 5u);
}

TEST_F(PicturesTest, ThatCannotBeEncodedEndTheirRequestAndNoOther) {
  start({.slots = 2});
  auto fails = submit(seeing("before ", "shown", " behind"));
  auto other = submit("somebody else", 20);
  work();
  late.asked.front().lock()->fail();
  EXPECT_EQ(all_of(fails), "");
  EXPECT_EQ(finish.reason, FinishReason::failed);
  EXPECT_THAT(finish.error.message(), testing::HasSubstr("image"));
  EXPECT_EQ(all_of(other).size(), 20u);
}

TEST_F(PicturesTest, ThatSeeThemselvesAreEvaluatedAtOnce) {
  start({.slots = 1, .prompt_tokens_per_turn = 2});
  auto job = submit(seeing("before ", "shown", " behind", 1, true));
  work();
  encode_next("shown");
  const auto before = totals.prompt_tokens.load();
  scheduler->turn();
  EXPECT_EQ(totals.prompt_tokens, before + 5);
  EXPECT_EQ(all_of(job).size(), 20u);
}

TEST_F(PicturesTest, AreEncodedTwoAhead) {
  start({.slots = 1});
  JobRequest request = seeing("a", "12345", "b");
  for (int look = 2; look <= 4; ++look) {
    JobRequest more = seeing("", "12345", "c", look);
    more.pictures[0].begin += request.prompt.size();
    request.pictures.push_back(more.pictures[0]);
    request.prompt.insert(request.prompt.end(), more.prompt.begin(), more.prompt.end());
  }
  auto job = submit(std::move(request));
  work();
  EXPECT_EQ(late.asked.size(), 2u);
  encode_next("12345");
  work();
  EXPECT_EQ(late.asked.size(), 2u) << "the third has been asked for";
  while (!late.asked.empty()) encode_next("12345"), work();
  EXPECT_EQ(all_of(job), alone("a12345b12345c12345c12345c", 20));
}

}  // namespace
}  // namespace worker::serve
