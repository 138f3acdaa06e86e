#include "proxy/residency/entries.hpp"

namespace proxy::residency {

namespace {

// Its files did not answer, or were not there, when they were looked at before: a worker that has been made of them since is one of these.
bool became_known(registry::Model old, const registry::Model& now) {
  if (!old.identity.empty() || now.identity.empty()) return false;
  old.identity = now.identity;
  old.bytes = now.bytes;
  old.beside_bytes = now.beside_bytes;
  return registry::same_process(old, now);
}

}  // namespace

void Entries::apply(const registry::Catalog& before, const registry::Catalog& now, const std::function<void(Event)>& feed,
                    const std::function<bool(const ModelId&)>& has_worker) {
  for (const auto& [id, entry] : now.models) {
    if (!before.models.contains(id) && now_.contains(id)) now_[id] = entry;  // it is back
  }
  for (const auto& [id, old] : before.models) {
    auto entry = now.models.find(id);
    if (entry != now.models.end() && entry->second == old) continue;
    if (!now_.contains(id)) {  // nobody has asked for it yet; who was resolved before this edit must not bring the old entry in
      if (entry != now.models.end()) now_.emplace(id, entry->second);
      continue;
    }
    if (entry != now.models.end() && registry::same_process(old, entry->second)) {
      now_[id] = entry->second;
      continue;
    }
    feed(FileChanged{id});
    if (entry == now.models.end()) {
      feed(Remove{id});
      continue;
    }
    now_[id] = entry->second;
    if (!has_worker(id) || !became_known(old, entry->second)) feed(Retire{id});
  }
}

bool Entries::runs_command(const ModelId& model) const {
  auto entry = now_.find(model);
  return entry != now_.end() && entry->second.command;
}

}  // namespace proxy::residency
