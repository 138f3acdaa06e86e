#include "proxy/residency/entries.hpp"

#include <gmock/gmock.h>

#include <string>
#include <variant>
#include <vector>

namespace proxy::residency {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

registry::Model model(const char* artifact, const char* description = "") {
  return {.id = "a", .artifact = artifact, .description = description};
}

registry::Catalog catalog_of(const registry::Model& entry) {
  registry::Catalog catalog;
  catalog.models[entry.id] = entry;
  return catalog;
}

class EntriesTest : public testing::Test {
 protected:
  // What an edit brings, in words.
  std::vector<std::string> edit(const registry::Catalog& before, const registry::Catalog& now) {
    std::vector<std::string> told;
    const auto feed = [&](const Event& event) {
      if (auto* changed = std::get_if<FileChanged>(&event)) told.push_back("file of " + changed->model);
      if (auto* retired = std::get_if<Retire>(&event)) told.push_back("for " + entries.at(retired->model).artifact.string());
      if (auto* removed = std::get_if<Remove>(&event)) told.push_back("removed " + removed->model);
    };
    entries.apply(before, now, feed, [this](const ModelId&) { return has_worker; });
    return told;
  }

  Entries entries;
  bool has_worker = false;
};

TEST_F(EntriesTest, OfAModelThatNobodyWantedYetTheNewEntryIsKnownFromNowOn) {
  EXPECT_THAT(edit(catalog_of(model("/1")), catalog_of(model("/2"))), IsEmpty());
  entries.want(model("/1"));  // who was resolved before the edit
  EXPECT_EQ(entries.at("a").artifact, "/2");
}

TEST_F(EntriesTest, AModelOfAnotherFileIsRetiredWhenItsNewEntryIsKnown) {
  entries.want(model("/1"));
  EXPECT_THAT(edit(catalog_of(model("/1")), catalog_of(model("/2"))), ElementsAre("file of a", "for /2"));
}

TEST_F(EntriesTest, WhatItsWorkerNeedNotKnowDisturbsNobody) {
  entries.want(model("/1"));
  EXPECT_THAT(edit(catalog_of(model("/1")), catalog_of(model("/1", "new words"))), IsEmpty());
  EXPECT_EQ(entries.at("a").description, "new words");
}

TEST_F(EntriesTest, AModelWhoseFileHasAnsweredAtLastKeepsItsWorker) {
  registry::Model unknown = model("/1"), known = model("/1"), other = model("/1");
  known.identity = "8:1", known.bytes = 5;
  other.identity = "8:2", other.bytes = 5;
  entries.want(unknown);
  EXPECT_THAT(edit(catalog_of(unknown), catalog_of(known)), ElementsAre("file of a", "for /1")) << "it could not be loaded, and now it may";
  has_worker = true;
  EXPECT_THAT(edit(catalog_of(unknown), catalog_of(known)), ElementsAre("file of a"));
  EXPECT_EQ(entries.at("a").identity, "8:1");
  EXPECT_THAT(edit(catalog_of(known), catalog_of(other)), ElementsAre("file of a", "for /1"));
}

TEST_F(EntriesTest, AModelThatIsNotThereAnyMoreIsRemovedAndMayComeBack) {
  entries.want(model("/1"));
  EXPECT_THAT(edit(catalog_of(model("/1")), {}), ElementsAre("file of a", "removed a"));
  EXPECT_THAT(edit({}, catalog_of(model("/3"))), IsEmpty());
  EXPECT_EQ(entries.at("a").artifact, "/3");
}

TEST_F(EntriesTest, AWorkerKeepsTheEntryThatItWasStartedWith) {
  entries.want(model("/1"));
  entries.starts("a");
  entries.know("a", model("/2"));
  EXPECT_EQ(entries.running("a")->artifact, "/1");
}

}  // namespace
}  // namespace proxy::residency
