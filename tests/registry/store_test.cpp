#include "registry/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fstream>
#include <future>
#include <random>
#include <thread>

#include "registry/registry_file.hpp"
#include "tests/support/temp_folder.hpp"

namespace registry {
namespace {

using namespace std::chrono_literals;

class StoreTest : public testing::Test {
 protected:
  void write(const std::string& text) { folder.write("registry.json", text); }
  void open(Store::Options options = {}) {
    file = folder.path() / "registry.json";
    store = std::make_unique<Store>(file, *load_catalog(file, *facts), facts, pool, clock, std::move(options));
    boost::asio::co_spawn(loop, store->watch(), boost::asio::detached);
  }
  // Runs the loop until `done` holds; false after a generous while.
  template <class F>
  bool until(F done, std::chrono::milliseconds patience = 20s) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (!done() && std::chrono::steady_clock::now() < give_up) loop.run_one_for(20ms);
    return done();
  }
  template <class T>
  T run(boost::asio::awaitable<T> task) {
    std::optional<T> outcome;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown, T value) {
      if (!thrown) outcome = std::move(value);
    });
    if (!until([&] { return outcome.has_value(); })) throw std::runtime_error("the store took too long");
    return std::move(*outcome);
  }
  // As who does not know better writes: the old text is gone before the new one is there.
  void write_in_place(const std::string& text) { std::ofstream(file, std::ios::binary) << text; }
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

TEST_F(StoreTest, AFileDeepInARepositoryIsNoticedThoughNothingAboveItChanges) {
  std::filesystem::create_directories(folder.path() / "models/publisher");
  write(R"({"model_dirs":["models"]})");
  open();
  std::filesystem::create_directories(folder.path() / "models/publisher/repo");
  loop.run_for(700ms);
  EXPECT_EQ(store->current()->generation, 1u) << "an empty folder is no model";
  folder.write("models/publisher/repo/x-Q4_0.gguf", "x");
  ASSERT_TRUE(until([&] { return store->current()->models.contains("publisher/repo:Q4_0"); }));
  EXPECT_EQ(store->current()->generation, 2u);
}

TEST_F(StoreTest, AFolderOnADiskThatHangsHoldsUpNothingAndLosesNothing) {
  std::promise<void> disk_answers;
  std::shared_future<void> answer = disk_answers.get_future().share();
  std::atomic<bool> hangs = true;
  const auto scan = [&hangs, answer, slow = folder.path() / "slow"](const ModelFolder& model_folder) {
    if (hangs && model_folder.path == slow) answer.wait();
    return scan_folder(model_folder);
  };
  facts = std::make_shared<FactsReader>(FactsReader::kPatience, &inspect, scan, 1s);
  folder.write("slow/one.gguf", "x");
  folder.write("quick/two.gguf", "x");
  write(R"({"model_dirs":["slow","quick"]})");
  const auto began = std::chrono::steady_clock::now();
  open();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  EXPECT_TRUE(store->current()->models.contains("two"));
  EXPECT_FALSE(store->current()->models.contains("one"));
  EXPECT_THAT(store->current()->warnings, testing::ElementsAre(testing::HasSubstr("slow does not answer: looking into it takes long")));
  folder.write("quick/three.gguf", "x");
  ASSERT_TRUE(until([&] { return store->current()->models.contains("three"); })) << "the other folder is watched";

  hangs = false;
  disk_answers.set_value();
  ASSERT_TRUE(until([&] { return store->current()->models.contains("one"); }));
  EXPECT_TRUE(store->current()->warnings.empty());

  // And when it hangs later, what was known of it stays.
  FactsReader hanging(
      1ms, &inspect, [](const ModelFolder&) { return std::this_thread::sleep_for(300ms), FolderScan(); }, 1ms);
  auto again = load_catalog(file, hanging, *store->current());
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(again->models.contains("one"));
  EXPECT_EQ(again->models.at("one").identity, store->current()->models.at("one").identity);
}

TEST_F(StoreTest, AModelOfTheCatalogOnADiskThatHangsHoldsUpNothingAndLosesNothing) {
  std::promise<void> disk_answers;
  std::shared_future<void> answer = disk_answers.get_future().share();
  const auto look = [answer, slow = folder.path() / "slow.gguf"](const Model& model) {
    if (model.artifact == slow) answer.wait();
    return figures_of(model);
  };
  facts = std::make_shared<FactsReader>(FactsReader::kPatience, &inspect, &scan_folder, FactsReader::kPatience, look, 1s);
  folder.write("slow.gguf", "slow");
  folder.write("quick.gguf", "quick");
  write(R"({"catalog":{"quick":{"artifact":"quick.gguf"},"slow":{"artifact":"slow.gguf"}}})");
  const auto began = std::chrono::steady_clock::now();
  open();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  const auto model = [this](const char* id) { return store->current()->models.at(id); };
  EXPECT_EQ(model("quick").bytes, 5u);
  EXPECT_EQ(model("slow").bytes, std::nullopt);
  EXPECT_TRUE(model("slow").identity.empty());
  EXPECT_THAT(model("slow").facts_problem, testing::HasSubstr("slow.gguf does not answer: looking at its files takes long"));
  write(R"({"models":{"r":"quick"},"catalog":{"quick":{"artifact":"quick.gguf"},"slow":{"artifact":"slow.gguf"}}})");
  ASSERT_TRUE(until([&] { return store->current()->roles.contains("r"); })) << "an edit is taken up all the same";

  disk_answers.set_value();
  ASSERT_TRUE(until([&] { return model("slow").bytes == 4u; }));
  EXPECT_FALSE(model("slow").identity.empty());

  // And when it hangs later, what was known of it stays.
  FactsReader hanging(
      FactsReader::kPatience, &inspect, &scan_folder, FactsReader::kPatience,
      [](const Model&) { return std::this_thread::sleep_for(300ms), FileFigures(); }, 1ms);
  auto again = load_catalog(file, hanging, *store->current());
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->models.at("slow").identity, model("slow").identity);
  EXPECT_EQ(again->models.at("slow").bytes, 4u);
  EXPECT_TRUE(again->same_content(*store->current()));
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

#ifdef __linux__
constexpr std::chrono::milliseconds kNever = 1h;  // so what is seen was told by the kernel

TEST_F(StoreTest, TheKernelTellsOfEveryKindOfEditWithoutALook) {
  write(R"({"models":{"default":"0"}})");
  open({.look_every = kNever});
  ASSERT_TRUE(until([&] { return store->current()->generation == 1 && !store->current()->text.empty(); }));
  const auto is_seen = [&](const std::string& id) { return until([&] { return store->current()->roles.at("default") == id; }, 10s); };
  const auto text = [](const std::string& id) { return R"({"models":{"default":")" + id + "\"}}"; };
  loop.run_for(50ms);  // the first look watches
  write(text("1"));
  EXPECT_TRUE(is_seen("1")) << "renamed into place";
  write_in_place(text("2"));
  EXPECT_TRUE(is_seen("2")) << "written in place";
  folder.write("versions/a.json", text("3"));
  folder.write("versions/b.json", text("4"));
  std::filesystem::create_symlink("versions", folder.path() / "data");
  std::filesystem::create_symlink("data/a.json", folder.path() / "next");
  std::filesystem::rename(folder.path() / "next", file);
  EXPECT_TRUE(is_seen("3")) << "a link takes its place";
  write_in_place(text("4"));
  EXPECT_TRUE(is_seen("4")) << "written through the link";
  folder.write("others/a.json", text("5"));
  std::filesystem::create_symlink("others", folder.path() / "next");
  std::filesystem::rename(folder.path() / "next", folder.path() / "data");
  EXPECT_TRUE(is_seen("5")) << "a link on the way is switched";
  std::filesystem::remove(file);
  write(text("6"));
  EXPECT_TRUE(is_seen("6")) << "gone and back";
}

TEST_F(StoreTest, WhatIsWrongOnlyWhileItIsBeingWrittenIsNoError) {
  write(R"({"models":{"default":"a"}})");
  open({.look_every = 10s});
  loop.run_for(50ms);
  write_in_place(R"({"models":{"def)");
  loop.run_for(300ms);
  EXPECT_FALSE(store->last_error());
  write_in_place(R"({"models":{"default":"b"}})");
  ASSERT_TRUE(until([&] { return store->current()->roles.at("default") == "b"; }));
  EXPECT_FALSE(store->last_error());
}
#endif

TEST_F(StoreTest, WhatCannotBeReadIsAnErrorLikeAnyOther) {
  write(R"({"models":{"default":"a"}})");
  open();
  loop.run_for(50ms);
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  ASSERT_TRUE(until([&] { return store->last_error().has_value(); }));
  EXPECT_THAT(store->last_error()->message(), testing::HasSubstr("cannot be read: Is a directory"));
  std::filesystem::remove(file);
  write(R"({"models":{"default":"b"}})");
  ASSERT_TRUE(until([&] { return store->current()->roles.at("default") == "b"; }));
}

TEST_F(StoreTest, AnEditThatKeepsSizeAndTimesIsSeen) {
  write(R"({"models":{"default":"a"}})");
  open();
  loop.run_for(50ms);
  const auto time = std::filesystem::last_write_time(file);
  write_in_place(R"({"models":{"default":"b"}})");
  std::filesystem::last_write_time(file, time);
  ASSERT_TRUE(until([&] { return store->current()->roles.at("default") == "b"; }));
}

TEST_F(StoreTest, OtherWordsForTheSameAreNoNewGenerationButAnotherDigest) {
  write(R"({"models":{"default":"a"},"endpoints":{}})");
  open({.history = folder.path() / "kept"});
  const std::string digest = store->current()->digest;
  EXPECT_EQ(digest, digest_of(R"({"models":{"default":"a"},"endpoints":{}})"));
  write(R"({"models": {"default": "a"},"endpoints":{"another":"tool's"}})");
  ASSERT_TRUE(until([&] { return store->current()->digest != digest; }));
  EXPECT_EQ(store->current()->generation, 1u);
  ASSERT_TRUE(until([&] { return run(store->list_history()).size() == 2; })) << "both texts can be brought back";
}

TEST_F(StoreTest, TheGenerationGoesOnFromWhereTheHistoryHasStopped) {
  write(R"({"models":{"default":"a"}})");
  open({.history = folder.path() / "kept"});
  write(R"({"models":{"default":"b"}})");
  ASSERT_TRUE(until([&] { return store->current()->generation == 2 && run(store->list_history()).size() == 2; }));
  const auto restarted = [&] {
    return Store(file, *load_catalog(file, *facts), facts, pool, clock, {.history = folder.path() / "kept"}).current()->generation;
  };
  EXPECT_EQ(restarted(), 2u) << "nothing was edited meanwhile";
  write(R"({"models":{"default":"c"}})");
  EXPECT_EQ(restarted(), 3u);
  EXPECT_EQ(restarted(), 3u);
}

TEST_F(StoreTest, ACandidateIsReadAndNothingComesOfIt) {
  write(R"({"models":{"default":"a"}})");
  open();
  auto read = run(store->read(R"({"models":{"default":"b"}})"));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->roles.at("default"), "b");
  EXPECT_FALSE(run(store->read("{")));
  EXPECT_EQ(store->current()->roles.at("default"), "a");
  EXPECT_FALSE(store->last_error());
}

TEST_F(StoreTest, ARepointedRoleIsInTheFileAndInForceAtOnce) {
  write(R"({"models":{"default":"a"},"catalog":{"a":{"artifact":"a"},"b":{"artifact":"b"}},"endpoints":[ ]})");
  open();
  auto done = run(store->repoint("default", "b", false));
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->before, "a");
  EXPECT_EQ(done->now->generation, 2u);
  EXPECT_EQ(store->current()->roles.at("default"), "b");
  EXPECT_EQ(*read_text(file), R"({"models":{"default":"b"},"catalog":{"a":{"artifact":"a"},"b":{"artifact":"b"}},"endpoints":[ ]})");
  EXPECT_EQ(run(store->repoint("default", "nobody", false)).error().kind(), common::ErrorKind::model_not_found);
  EXPECT_EQ(store->current()->generation, 2u);
  EXPECT_FALSE(store->last_error()) << "what was refused is no fault of the file";
}

// Edits the file in the ways that people, editors and other tools do.
class RandomEditor {
 public:
  RandomEditor(const tests::TempFolder& folder, unsigned seed) : folder_(folder), file_(folder.path() / "registry.json"), random_(seed) {}

  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  std::string text() const { return common::dump_json(document_); }

  // What is right from then on: `text` in place, by renaming or by a switched link.
  void put(const std::string& text) {
    switch (below(3)) {
      case 0: std::ofstream(file_, std::ios::binary) << text; break;
      case 1: folder_.write("registry.json", text); break;
      default: {
        const std::string version = "version-" + std::to_string(++number_) + ".json";
        folder_.write(version, text);
        std::filesystem::create_symlink(version, folder_.path() / "next");
        std::filesystem::rename(folder_.path() / "next", file_);
      }
    }
  }
  void change() {
    switch (below(4)) {
      case 0: document_["models"]["default"] = document_["models"]["default"] == "a" ? "b" : "a"; break;
      case 1: document_["models"]["role-" + std::to_string(++number_)] = "c"; break;
      case 2: document_["policy"]["max_queue"] = 100 + ++number_; break;
      default: document_["catalog"]["more-" + std::to_string(++number_)] = {{"artifact", "more"}};
    }
  }
  void change_of_another_tool() { document_["endpoints"] = {{"n", ++number_}}; }
  std::string wrong() {
    common::Json bad = document_;
    switch (below(4)) {
      case 0: return "";
      case 1: return text().substr(0, static_cast<std::size_t>(1 + below(static_cast<int>(text().size()) - 1)));
      case 2: bad["policy"]["max_que"] = 1; break;
      default: bad["models"]["default"] = 5;
    }
    return common::dump_json(bad);
  }
  void remove() {
    // The file behind the link, or the link itself.
    std::filesystem::remove(below(2) == 0 ? std::filesystem::canonical(file_) : file_);
  }
  std::filesystem::path file() const { return file_; }

 private:
  const tests::TempFolder& folder_;
  std::filesystem::path file_;
  std::mt19937 random_;
  int number_ = 0;
  common::Json document_{{"models", {{"default", "a"}, {"coding", "b"}}},
                         {"catalog", {{"a", {{"artifact", "a"}}}, {"b", {{"artifact", "b"}}}, {"c", {{"artifact", "c"}}}}},
                         {"policy", {{"max_queue", 64}}},
                         {"endpoints", {{"n", 0}}}};
};

TEST_F(StoreTest, TwoHundredRandomEditsLoseNoNameAndEachGoodOneHoldsWithinThreeSeconds) {
  RandomEditor editor(folder, 6);
  write(editor.text());
  open({.history = folder.path() / "kept", .look_every = 60ms});
  std::uint64_t resolved = 0, missing = 0;
  const auto resolve = [&]() -> boost::asio::awaitable<void> {
    while (true) {
      for (const char* name : {"default", "coding", "a", "b", "c"}) ++(store->current()->resolve(name) ? resolved : missing);
      co_await clock.sleep_for(1ms);
    }
  };
  boost::asio::co_spawn(loop, resolve(), boost::asio::detached);
  std::uint64_t generation = 1;
  std::chrono::steady_clock::duration slowest{};
  const auto holds = [&] {
    return store->current()->generation == generation && store->current()->digest == digest_of(editor.text()) && !store->last_error();
  };
  const auto good = [&](int edit, const char* what) {
    const auto began = std::chrono::steady_clock::now();
    ASSERT_TRUE(until(holds, 3s)) << "edit " << edit << ", " << what << ": generation " << store->current()->generation << ", due "
                                  << generation << "; " << (store->last_error() ? store->last_error()->message() : "no error");
    slowest = std::max(slowest, std::chrono::steady_clock::now() - began);
  };
  for (int edit = 0; edit < 200 && !HasFatalFailure(); ++edit) {
    switch (editor.below(6)) {
      case 0: {
        editor.put(editor.wrong());
        if (editor.below(2) == 0) {
          ASSERT_TRUE(until([&] { return store->last_error().has_value(); }, 3s)) << "edit " << edit << ": a bad edit is shown";
        }
        EXPECT_EQ(store->current()->generation, generation);
        editor.put(editor.text());
        good(edit, "mended");
        break;
      }
      case 1: {
        editor.change();
        ++generation;
        const std::string text = editor.text();
        std::ofstream slow(editor.file(), std::ios::binary);
        slow << text.substr(0, text.size() / 2) << std::flush;
        loop.run_for(std::chrono::milliseconds(editor.below(100)));
        EXPECT_EQ(store->current()->generation, generation - 1) << "half a text is none";
        slow << text.substr(text.size() / 2) << std::flush;
        slow.close();
        good(edit, "written in two halves");
        break;
      }
      case 2: {
        editor.remove();
        loop.run_for(std::chrono::milliseconds(editor.below(150)));
        EXPECT_EQ(store->current()->generation, generation);
        if (editor.below(2) == 0) {
          editor.change();
          ++generation;
        }
        std::filesystem::remove(editor.file());  // a link to nothing would be written through
        editor.put(editor.text());
        good(edit, "gone and back");
        break;
      }
      case 3: {
        editor.change_of_another_tool();
        editor.put(editor.text());
        good(edit, "another tool's");
        break;
      }
      default: {
        editor.change();
        ++generation;
        editor.put(editor.text());
        good(edit, "good");
      }
    }
  }
  EXPECT_EQ(missing, 0u);
  EXPECT_GT(resolved, 1000u);
  EXPECT_LT(slowest, 3s);
  const auto newest = [&] { return History::text_of(run(store->list_history()).back()); };
  EXPECT_TRUE(until([&] { return *newest() == editor.text(); }));
  EXPECT_LE(run(store->list_history()).size(), History::kKept);
  RecordProperty("slowest_ms", static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(slowest).count()));
}

}  // namespace
}  // namespace registry
