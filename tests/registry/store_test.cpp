#include "registry/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>

#include "registry/registry_file.hpp"
#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

using namespace std::chrono_literals;

class StoreTest : public testing::Test {
 protected:
  void write(const std::string& text) { folder.write("registry.json", text); }
  void open() {
    file = folder.path() / "registry.json";
    store = std::make_unique<Store>(file, *load_catalog(file, *facts), facts, pool, clock);
    boost::asio::co_spawn(loop, store->watch(), boost::asio::detached);
  }
  // Runs the loop until `done` holds; false after a generous while.
  template <class F>
  bool until(F done) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!done() && std::chrono::steady_clock::now() < give_up) loop.run_for(20ms);
    return done();
  }
  void TearDown() override {
    loop.stop();
    pool.join();
  }

  tests::TempFolder folder;
  std::filesystem::path file;
  std::shared_ptr<FactsReader> facts = std::make_shared<FactsReader>();
  boost::asio::thread_pool pool{1};
  common::SteadyClock clock;
  std::unique_ptr<Store> store;
  boost::asio::io_context loop{1};
};

TEST_F(StoreTest, AnEditIsNoticedAndABadOneChangesNothing) {
  write(R"({"models":{"default":"a"}})");
  open();
  loop.run_for(700ms);
  EXPECT_EQ(store->current()->generation, 1u) << "nothing changed yet";

  write(R"({"models":{"default":"b"}})");
  ASSERT_TRUE(until([&] { return store->current()->generation == 2; }));
  EXPECT_EQ(store->current()->roles.at("default"), "b");

  write(R"({"models":{"default":)");
  ASSERT_TRUE(until([&] { return store->last_error().has_value(); }));
  EXPECT_EQ(store->current()->roles.at("default"), "b");
  EXPECT_EQ(store->current()->generation, 2u);

  std::filesystem::remove(file);
  loop.run_for(600ms);
  EXPECT_EQ(store->current()->generation, 2u) << "a file that is away for a moment changes nothing";

  write(R"({"models":{"default":"c"}})");
  ASSERT_TRUE(until([&] { return store->current()->generation == 3; }));
  EXPECT_FALSE(store->last_error());
}

TEST_F(StoreTest, ANewFileInAModelFolderBecomesAModel) {
  folder.write("models/one.gguf", "x");
  write(R"({"model_dirs":["models"]})");
  open();
  folder.write("models/two.gguf", "x");
  ASSERT_TRUE(until([&] { return store->current()->models.contains("two"); }));
  std::filesystem::remove(folder.path() / "models/one.gguf");
  ASSERT_TRUE(until([&] { return !store->current()->models.contains("one"); }));
}

TEST_F(StoreTest, WhatADiskSaysLateOfAModelIsTakenUpOnceItIsSaid) {
  std::promise<void> disk_answers;
  std::shared_future<void> answer = disk_answers.get_future().share();
  facts = std::make_shared<FactsReader>(1ms, [answer](const std::filesystem::path&) -> common::Result<ModelFacts> {
    answer.wait();
    return ModelFacts{.architecture = "llama"};
  });
  folder.write("models/slow.gguf", "x");
  write(R"({"model_dirs":["models"]})");
  open();
  EXPECT_FALSE(store->current()->models.at("slow").facts);
  EXPECT_THAT(store->current()->models.at("slow").facts_problem, testing::HasSubstr("does not answer"));
  disk_answers.set_value();
  ASSERT_TRUE(until([&] { return store->current()->models.at("slow").facts != nullptr; }));
  EXPECT_EQ(store->current()->models.at("slow").facts->architecture, "llama");
}

TEST_F(StoreTest, ASwitchedLinkIsAnEdit) {
  folder.write("v1.json", R"({"models":{"default":"a"}})");
  folder.write("v2.json", R"({"models":{"default":"b"}})");
  std::filesystem::create_symlink("v1.json", folder.path() / "registry.json");
  open();
  std::filesystem::create_symlink("v2.json", folder.path() / "next");
  std::filesystem::rename(folder.path() / "next", folder.path() / "registry.json");
  ASSERT_TRUE(until([&] { return store->current()->roles.at("default") == "b"; }));
}

}  // namespace
}  // namespace registry
