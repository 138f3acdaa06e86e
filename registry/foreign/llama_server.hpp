// What the options of llama-server say, in Perch's words. Facts about its command line, and no more: nothing is run.
#pragma once

#include <optional>
#include <string_view>

#include "common/json.hpp"
#include "common/sampling_fields.hpp"
#include "common/worker_protocol.hpp"
#include "registry/foreign/command_line.hpp"
#include "registry/memory_prediction.hpp"

namespace registry::foreign {

// The number as a request or the registry would carry it; nothing when it is none, or beyond the field's limits.
std::optional<common::Json> sampling_value(const common::NumberField& field, const common::Json& value);
const common::NumberField* find_sampling_field(std::string_view name);

// Whether this command line starts llama-server, under whatever path.
bool is_llama_server(const Words& command);
// What it lets a request's fields be by default: {"temperature": 0.6}.
common::Json sampling_of(const Words& command);
// How it runs its model. Zeros: as the model says.
RunShape served_shape(const Words& command);
// Its model file, of any server that names a GGUF; empty: none is named.
std::string model_file_of(const Words& command);
// What a server started so is for.
common::Purpose purpose_of(const Words& command);
// Whether it makes embeddings or scores and generates nothing.
bool embeds(const Words& command);

// A catalog entry for a worker of Perch's own that does the same. Otherwise an Error that names the option which has no counterpart.
common::Result<common::Json> embedded_entry(const Words& command);

}  // namespace registry::foreign
