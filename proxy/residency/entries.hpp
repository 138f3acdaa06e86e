// The registry's entries of the models that anybody wanted: as they are now, and as their latest workers were started with. Pure.
//
// Owned by Residency. What an edit of the registry means for a model that is known here is decided by apply().
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "proxy/residency/conductor.hpp"
#include "registry/catalog.hpp"

namespace proxy::residency {

class Entries {
 public:
  // Somebody wants the model and was resolved to this. What is known already is as new: apply() sees to that.
  void want(const registry::Model& entry) { now_.try_emplace(entry.id, entry); }
  // The registry says this of it now.
  void know(const ModelId& model, const registry::Model& entry) { now_[model] = entry; }
  // Takes an edit over. A model whose process cannot go on with it is retired or removed: `feed` is called for that, in between, so that
  // whatever is started by it is started with what is known by then. `has_worker`: whether there is a process to go on.
  void apply(const registry::Catalog& before, const registry::Catalog& now, const std::function<void(Event)>& feed,
             const std::function<bool(const ModelId&)>& has_worker);

  // Of a model that is known.
  const registry::Model& at(const ModelId& model) const { return now_.at(model); }
  // A server of somebody else's. False of a model that is not known.
  bool runs_command(const ModelId& model) const;

  // Its next worker is started now.
  void starts(const ModelId& model) { running_[model] = std::make_shared<const registry::Model>(now_.at(model)); }
  // What the latest worker of a model that was ever started was started with.
  const std::shared_ptr<const registry::Model>& running(const ModelId& model) const { return running_.at(model); }

 private:
  std::map<ModelId, registry::Model> now_;
  std::map<ModelId, std::shared_ptr<const registry::Model>> running_;
};

}  // namespace proxy::residency
