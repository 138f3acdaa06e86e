// What devices other than the host are expected to have free, from what workers have said of them: the next one waits for that before it
// loads (common::DeviceRelease), because the daemon itself cannot see it. Pure; owned by Residency.
//
// Each worker says what it found free when its load began and what it holds since. Whatever else draws on a device is thus known anew with
// each load, and believed until the next.
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
  // A worker is ready.
  void came(const ModelId& model, const common::Ready& ready);
  // Its process has gone, if it ever was ready.
  void left(const ModelId& model);

  // Empty as long as no worker has spoken of a device.
  std::vector<common::DeviceFree> expected_free() const;

 private:
  using Bytes = std::map<std::string, std::uint64_t>;  // by device

  Bytes free_;
  std::map<ModelId, Bytes> held_;
};

}  // namespace proxy::residency
