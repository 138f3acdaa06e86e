// The models of the process tests, written once per run: a small one that answers in no time, and one whose load and tokens take a while.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "common/worker_protocol.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/tiny_model.hpp"

namespace worker {

class Models : public testing::Environment {
 public:
  void SetUp() override { folder_.emplace(); }
  void TearDown() override { folder_.reset(); }

  // About a tenth of a millisecond per token.
  std::string small() { return made("small.gguf", {}); }
  // 130 MB: about ten milliseconds per token, a second to load.
  std::string slow() { return made("slow.gguf", {.width = 512, .layers = 8, .hidden = 2048}); }
  std::string adapted() { return made("adapted.gguf", {.adapted = true}); }
  std::string adapter() {
    auto path = (folder_->path() / "adapter.gguf").string();
    support::write_tiny_adapter(path);
    return path;
  }
  std::string embeds() { return made("embeds.gguf", {.pooling = 1}); }
  std::filesystem::path folder() const { return folder_->path(); }

 private:
  std::string made(const char* name, const support::TinyModel& shape) {
    auto path = folder_->path() / name;
    if (!std::filesystem::exists(path)) support::write_tiny_model(path.string(), shape);
    return path.string();
  }

  std::optional<tests::TempFolder> folder_;
};

Models& models();

}  // namespace worker
