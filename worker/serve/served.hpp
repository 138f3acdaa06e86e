// The model this process serves, as every thread may see it: immutable from `ready` until the process ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/worker_protocol.hpp"
#include "worker/chat/chat_template.hpp"
#include "worker/engine/content_hash.hpp"
#include "worker/engine/model.hpp"
#include "worker/engine/projector.hpp"

namespace worker::serve {

using common::Purpose;

const char* what_it_does(Purpose purpose);  // for a sentence that begins with the model's id

struct Served {
  common::Ready facts;
  std::vector<std::string> files;               // what was loaded: the model's, the adapters', the projector
  std::string identity;                         // of `files`, as they were before anything was read (session_key.hpp)
  std::shared_ptr<engine::ContentHash> hashes;  // of `files`
  std::shared_ptr<const engine::Model> model;
  std::shared_ptr<engine::Projector> projector;      // null: the model reads text only
  common::Result<chat::ChatTemplate> chat_template;  // a template that cannot be used spoils chat, not plain completions
  bool shares_cells = false;                         // the slots: one cache for all
  engine::SamplingParams sampling;                   // of requests that name none: the model's own
  common::Json defaults, enforced;                   // request fields that the registry gives and forces, as objects or null
  std::int64_t loaded_at = 0;                        // seconds of Unix time
};

}  // namespace worker::serve
