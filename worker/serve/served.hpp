// The model this process serves, as every thread may see it: immutable from `ready` until the process ends.
#pragma once

#include <cstdint>
#include <memory>

#include "common/result.hpp"
#include "common/worker_protocol.hpp"
#include "worker/chat/chat_template.hpp"
#include "worker/engine/model.hpp"

namespace worker::serve {

struct Served {
  common::Ready facts;
  std::shared_ptr<const engine::Model> model;
  common::Result<chat::ChatTemplate> chat_template;  // a template that cannot be used spoils chat, not plain completions
  engine::SamplingParams sampling;                   // of requests that name none: the model's own
  common::Json defaults, enforced;                   // request fields that the registry gives and forces, as objects or null
  std::int64_t loaded_at = 0;                        // seconds of Unix time
};

}  // namespace worker::serve
