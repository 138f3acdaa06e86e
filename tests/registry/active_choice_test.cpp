#include "registry/active_choice.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "common/state_files.hpp"
#include "registry/registry_file.hpp"
#include "tests/support/loop_runner.hpp"
#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

using testing::HasSubstr;

TEST(ChoiceText, IsReadBackAsItWasWritten) {
  const Choice choice{.model = "qwen3-32b", .time = std::chrono::sys_seconds(std::chrono::seconds(1796000000))};
  EXPECT_EQ(*read_choice(choice_text(choice)), choice);
  EXPECT_EQ(*read_choice(choice_text(std::nullopt)), std::nullopt);
}

TEST(ChoiceText, WhatIsDamagedIsNoChoice) {
  const std::string whole = choice_text(Choice{.model = "qwen3-32b", .time = {}});
  for (std::size_t length = 0; length + 2 < whole.size(); ++length) EXPECT_FALSE(read_choice(whole.substr(0, length))) << length;
  for (const char* text : {"", "[]", "5", "{}", R"({"version":2,"model":"a"})", R"({"version":1})", R"({"version":1,"model":7})",
                           R"({"version":1,"model":""})", "\xff\xfe"})
    EXPECT_FALSE(read_choice(text)) << text;
}

class ActiveChoiceTest : public testing::Test {
 protected:
  ActiveChoiceTest() {
    registry = folder.write("registry.json", R"({"models":{"default":"a"},"catalog":{"a":{"artifact":"a"},"b-32b":{"artifact":"b"}}})");
    open();
  }
  // As a daemon does that starts.
  void open() {
    choice.reset();
    store = std::make_unique<Store>(registry, *load_catalog(registry, *facts), facts, pool, clock);
    choice = std::make_unique<ActiveChoice>(*store, file(), pool);
  }
  std::filesystem::path file() const { return choice_file(folder.path() / "state", registry); }
  std::string means() const { return store->current()->resolve(kActiveRole).value().model.id; }

  tests::TempFolder folder;
  std::filesystem::path registry;
  std::shared_ptr<FactsReader> facts = std::make_shared<FactsReader>();
  tests::LoopRunner runner;  // before the pool, whose threads let go of the loop a moment after the value has come
  boost::asio::thread_pool pool{2};
  common::SteadyClock clock;
  std::unique_ptr<Store> store;
  std::unique_ptr<ActiveChoice> choice;
};

TEST_F(ActiveChoiceTest, HoldsUntilItIsChangedOrClearedAlsoAfterARestart) {
  EXPECT_EQ(means(), "a");
  auto changed = runner.run(choice->choose("32B"));
  ASSERT_TRUE(changed) << changed.error().message();
  EXPECT_EQ(changed->now->id, "b-32b");
  EXPECT_EQ(changed->before, std::nullopt);
  EXPECT_EQ(means(), "b-32b");
  EXPECT_EQ(store->current()->generation, 1u) << "it is no edit";
  open();
  EXPECT_EQ(means(), "b-32b");
  changed = runner.run(choice->choose("default"));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->now->by, FoundBy::role);
  EXPECT_EQ(changed->before, "b-32b");
  EXPECT_EQ(choice->current()->model, "a");
  runner.run(choice->choose("32b"));
  changed = runner.run(choice->clear());
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->before, "b-32b");
  EXPECT_EQ(means(), "a");
  open();
  EXPECT_EQ(means(), "a");
  EXPECT_FALSE(choice->current());
}

TEST_F(ActiveChoiceTest, AnEditOfTheRegistryLeavesItAsItIs) {
  runner.run(choice->choose("32b"));
  folder.write("registry.json", R"({"models":{"default":"a"},"catalog":{"a":{"artifact":"a"},"b-32b":{"artifact":"other"}}})");
  ASSERT_TRUE(runner.run(store->reload()));
  EXPECT_EQ(store->current()->generation, 2u);
  EXPECT_EQ(means(), "b-32b");
  folder.write("registry.json", R"({"models":{"default":"a"},"catalog":{"a":{"artifact":"a"}}})");
  ASSERT_TRUE(runner.run(store->reload()));
  EXPECT_THAT(store->current()->resolve("active").error().message(), HasSubstr("b-32b, which was chosen, is no model here any more"));
  open();
  EXPECT_EQ(choice->current()->model, "b-32b") << "it may come back";
}

TEST_F(ActiveChoiceTest, WhatIsRefusedChangesNothing) {
  runner.run(choice->choose("32b"));
  EXPECT_FALSE(runner.run(choice->choose("nobody")));
  EXPECT_EQ(means(), "b-32b");
}

TEST_F(ActiveChoiceTest, ADamagedFileIsNoChoiceAndTheNextOneMendsIt) {
  runner.run(choice->choose("32b"));
  ASSERT_TRUE(common::replace_file(file(), R"({"version":1,"mod)"));
  open();
  EXPECT_FALSE(choice->current());
  EXPECT_EQ(means(), "a");
  ASSERT_TRUE(runner.run(choice->choose("32b")));
  open();
  EXPECT_EQ(means(), "b-32b");
}

TEST_F(ActiveChoiceTest, WhatCannotBeKeptIsNotChosen) {
  folder.write("state", "no folder");
  open();
  auto changed = runner.run(choice->choose("32b"));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().kind(), common::ErrorKind::io);
  EXPECT_EQ(means(), "a");
}

TEST_F(ActiveChoiceTest, WithoutAStateFolderItHoldsUntilTheEnd) {
  EXPECT_TRUE(choice_file("", registry).empty());
  choice = std::make_unique<ActiveChoice>(*store, "", pool);
  EXPECT_FALSE(choice->is_kept());
  ASSERT_TRUE(runner.run(choice->choose("32b")));
  EXPECT_EQ(means(), "b-32b");
}

TEST_F(ActiveChoiceTest, EachRegistryHasItsOwn) {
  EXPECT_NE(choice_file(folder.path(), "/a/registry.json"), choice_file(folder.path(), "/b/registry.json"));
}

}  // namespace
}  // namespace registry
