// What devices other than the host are expected to have free, from what workers have said of them: the next one waits for that before it
// loads (common::DeviceRelease), because the daemon itself cannot see it. Pure; owned by Residency.
//
// A worker says once it is ready what it found free when its load began and what it holds since. Where nobody else came or left in between,
// that is how the device is: whatever else draws on it is thus known anew with each load, and believed until the next. Where somebody did
// (a pinned model that loads beside a swap), what was expected before stands, less what the worker holds.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/worker_protocol.hpp"
#include "proxy/residency/core.hpp"

namespace proxy::residency {

class DeviceLedger {
 public:
  // A worker is told to load. Returns what is to be free first: nothing as long as no worker has spoken of a device, and while another one
  // loads, of which nobody knows how much it has taken yet.
  std::vector<common::DeviceFree> loads(const ModelId& model);
  // It is ready.
  void came(const ModelId& model, const common::Ready& ready);
  // A process has gone, whether it was ready or not.
  void left(const ModelId& model);

 private:
  using Bytes = std::map<std::string, std::uint64_t>;  // by device

  Bytes free_;
  std::map<ModelId, Bytes> held_;             // by those that are ready
  std::map<ModelId, std::uint64_t> loading_;  // and since which change
  std::uint64_t changes_ = 0;                 // loads that began, workers that were ready or gone
};

}  // namespace proxy::residency
