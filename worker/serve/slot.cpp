#include "worker/serve/slot.hpp"

#include <algorithm>
#include <utility>

#include "worker/engine/context.hpp"

namespace worker::serve {

void Slot::take(std::unique_ptr<Run> run, std::size_t reused) {
  run_ = std::move(run);
  owner_ = run_->request().owner;
  tokens_.assign(text().begin(), text().begin() + static_cast<std::ptrdiff_t>(reused));
}

SlotView Slot::view() const {
  SlotView view{.id = sequence_, .busy = !free(), .held = tokens_.size()};
  if (run_) view.prompt = run_->request().prompt.size(), view.generated = run_->generated();
  return view;
}

void Slot::release(std::uint64_t now) {
  run_.reset();
  last_used_ = now;
}

std::unique_ptr<Run> Slot::park(std::uint64_t now) {
  auto run = std::move(run_);
  run->park(tokens_);
  last_used_ = now;
  return run;
}

const engine::Picture* Slot::picture() const { return engine::picture_at(job().request().pictures, evaluated()); }

std::size_t Slot::readable() const {
  for (const engine::Picture& picture : job().request().pictures) {
    if (picture.end() > evaluated()) return picture.begin - std::min(picture.begin, evaluated());
  }
  return text().size() - evaluated();
}

void Slot::forget_half_a_picture() { holds_only(engine::without_half_a_picture(job().request().pictures, evaluated())); }

void Slot::put_in_batch(std::size_t tokens, int logits_at, int begins_at) {
  in_batch_ = tokens;
  logits_at_ = logits_at;
  begins_at_ = begins_at;
}

void Slot::batch_evaluated(const engine::Context& context) {
  if (answers()) {
    tokens_.push_back(pending());
  } else {
    if (run_->judged()) run_->judge(context, evaluated(), in_batch_, begins_at_);
    auto from = text().begin() + static_cast<std::ptrdiff_t>(tokens_.size());
    tokens_.insert(tokens_.end(), from, from + static_cast<std::ptrdiff_t>(in_batch_));
  }
  in_batch_ = 0;
}

}  // namespace worker::serve
