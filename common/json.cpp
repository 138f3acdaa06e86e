#include "common/json.hpp"

#include <cmath>
#include <format>
#include <set>
#include <vector>

namespace common {
namespace {

// Builds the value through nlohmann's SAX interface, the one place where depth and duplicate keys can be seen before memory is spent.
class StrictBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit StrictBuilder(std::string_view text) : text_(text) {}

  Json take() { return std::move(root_); }
  const Error& error() const { return error_; }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t& written) override {
    if (!std::isfinite(value)) return refuse(std::format("the number {} is too large", written));
    return put(value);
  }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return refuse("binary values are not JSON"); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second) return refuse(std::format("the key \"{}\" appears twice in one object", name));
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& reason) override {
    // The library's text starts with its own error id and position; what follows the last one is what a person needs.
    std::string what = reason.what();
    if (auto at = what.find(": "); at != std::string::npos) what = what.substr(at + 2);
    error_ = Error(ErrorKind::bad_request, std::format("not valid JSON at byte {} ({}): {}", position, line_and_column(position), what));
    return false;
  }

 private:
  bool put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
    } else {
      // Duplicates were refused in key(), so appending skips ordered_json's linear search for the key.
      open_.back()->get_ref<Json::object_t&>().emplace_back(key_, std::move(value));
    }
    return true;
  }
  bool open(Json container) {
    if (open_.size() >= kMaxJsonDepth) return refuse(std::format("nested deeper than {} levels", kMaxJsonDepth));
    put(std::move(container));
    Json& added = open_.empty()              ? root_
                  : open_.back()->is_array() ? open_.back()->back()
                                             : open_.back()->get_ref<Json::object_t&>().back().second;
    open_.push_back(&added);
    keys_.emplace_back();
    return true;
  }
  bool close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }
  bool refuse(std::string why) {
    error_ = Error(ErrorKind::bad_request, "not acceptable JSON: " + std::move(why));
    return false;
  }
  std::string line_and_column(std::size_t position) const {
    auto before = text_.substr(0, position > 0 ? position - 1 : 0);
    auto line = std::count(before.begin(), before.end(), '\n') + 1;
    auto last_break = before.rfind('\n');
    auto column = before.size() - (last_break == std::string_view::npos ? 0 : last_break + 1) + 1;
    return std::format("line {}, column {}", line, column);
  }

  std::string_view text_;
  Json root_;
  std::vector<Json*> open_;
  std::vector<std::set<std::string>> keys_;
  std::string key_;
  Error error_;
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
  StrictBuilder builder(text);
  if (!Json::sax_parse(text, &builder)) return fail(builder.error());
  return builder.take();
}

std::string dump_json(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace common
