#include "registry/active_choice.hpp"

#include <format>

#include "common/json.hpp"
#include "common/log.hpp"
#include "common/offload.hpp"
#include "common/state_files.hpp"
#include "registry/history.hpp"

namespace registry {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using common::ErrorKind;
using common::fail;
using common::Json;
using common::Result;

namespace {

constexpr int kVersion = 1;

std::optional<std::string> id_of(const std::optional<Choice>& choice) { return choice ? std::optional(choice->model) : std::nullopt; }

}  // namespace

std::string choice_text(const std::optional<Choice>& choice) {
  Json json{{"version", kVersion}, {"model", nullptr}};
  if (choice) {
    json["model"] = choice->model;
    json["time"] = choice->time.time_since_epoch().count();
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::optional<Choice>> read_choice(std::string_view text) {
  auto json = common::parse_json(text);
  if (!json) return fail(json.error());
  if (!json->is_object()) return fail(ErrorKind::bad_request, "an object is expected");
  const auto version = json->find("version"), model = json->find("model"), time = json->find("time");
  if (version == json->end() || *version != kVersion)
    return fail(ErrorKind::bad_request, std::format("\"version\": {} is expected", kVersion));
  if (model == json->end()) return fail(ErrorKind::bad_request, "\"model\" is missing");
  if (model->is_null()) return std::optional<Choice>();
  if (!model->is_string() || model->get_ref<const std::string&>().empty())
    return fail(ErrorKind::bad_request, "\"model\" must be an id or null");
  Choice choice{.model = model->get<std::string>(), .time = {}};
  if (time != json->end() && time->is_number_unsigned())
    choice.time = std::chrono::sys_seconds(std::chrono::seconds(time->get<std::int64_t>()));
  return choice;
}

fs::path choice_file(const fs::path& state, const fs::path& registry) {
  return state.empty() ? state : history_folder(state, registry).concat(".active.json");
}

ActiveChoice::ActiveChoice(Store& store, fs::path file, asio::thread_pool& pool)
    : store_(store), file_(std::move(file)), writer_(pool.get_executor()) {
  std::error_code unknown;
  if (!file_.empty() && fs::exists(file_, unknown)) take_up();
}

void ActiveChoice::take_up() {
  const auto text = common::read_file(file_, common::kMostStateBytes);
  auto read = text ? read_choice(*text) : fail(text.error());
  if (!read) {
    common::log::warn("what was chosen to be active is not known any more, so nothing is ({}: {}): choose again (`perch active NAME`)",
                      file_.string(), read.error().message());
    return;
  }
  current_ = std::move(*read);
  store_.choose(id_of(current_));
  if (auto problem = store_.current()->problem_with_choice()) common::log::warn("active: {}", *problem);
}

asio::awaitable<Result<ActiveChoice::Changed>> ActiveChoice::choose(std::string said) {
  auto match = match_name(said, *store_.current());
  if (!match) co_return fail(match.error());
  auto changing = change(std::move(*match));
  auto changed = co_await std::move(changing);
  co_return changed;
}

asio::awaitable<Result<ActiveChoice::Changed>> ActiveChoice::clear() {
  auto changing = change(std::nullopt);
  auto changed = co_await std::move(changing);
  co_return changed;
}

asio::awaitable<Result<ActiveChoice::Changed>> ActiveChoice::change(std::optional<NameMatch> now) {
  std::optional<Choice> choice;
  if (now) choice = Choice{.model = now->id, .time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
  if (!file_.empty()) {
    auto write = [file = file_, text = choice_text(choice)] { return common::replace_file(file, text); };
    auto writing = common::offload(writer_, std::move(write));
    auto written = co_await std::move(writing);
    if (!written) co_return fail(written.error());
  }
  Changed changed{.now = std::move(now), .before = id_of(current_)};
  current_ = std::move(choice);
  store_.choose(id_of(current_));
  co_return changed;
}

}  // namespace registry
