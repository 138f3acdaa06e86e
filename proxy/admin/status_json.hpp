// Snapshots as JSON. Pure.
#pragma once

#include "common/json.hpp"
#include "proxy/api/request_table.hpp"
#include "proxy/residency/view.hpp"
#include "registry/catalog.hpp"

namespace proxy::admin {

common::Json status_json(const residency::View& view);
// {"running":[{"model","state"}]}: the models that have a worker, as llama-swap's scripts read it.
common::Json requests_json(const std::vector<api::RequestInfo>& requests, common::TimePoint now);
common::Json running_json(const residency::View& view);
// Every model of the catalog, with its roles, its file and what that says of itself, and, where one was ever started, its worker; and what
// lies in model folders and cannot be used.
common::Json models_json(const registry::Catalog& catalog, const residency::View& view);

}  // namespace proxy::admin
