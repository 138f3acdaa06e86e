// registry/schema.json and the reader of the registry say the same: each key, each limit, each word.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "registry/registry_file.hpp"

namespace registry {
namespace {

using common::Json;
using testing::HasSubstr;

constexpr const char* kCommandKeys[] = {"command",           "environment", "pass_environment", "ready_path", "stop_command",
                                        "served_model_name", "memory_mib",  "purpose",          "answer_timeout"};

std::string problems(const Json& document) {
  auto catalog = read_catalog(common::dump_json(document), "/b", "/h");
  return catalog ? "" : catalog.error().message();
}

class SchemaTest : public testing::Test {
 protected:
  SchemaTest() {
    std::ifstream in(PERCH_SCHEMA);
    auto parsed = common::parse_json(std::string(std::istreambuf_iterator<char>(in), {}));
    if (!parsed) throw std::runtime_error(parsed.error().message());
    schema = *parsed;
  }

  const Json& resolved(const Json& part) const {
    auto ref = part.find("$ref");
    return ref == part.end() ? part : schema["$defs"][ref->get<std::string>().substr(std::string("#/$defs/").size())];
  }

  // Calls back with every object of the schema that has keys of its own, and where it stands in a document.
  template <class Found>
  void objects(const Json& part, const Json::json_pointer& at, const Found& found) const {
    const Json& here = resolved(part);
    if (here.contains("properties")) found(here, at);
    const Json& properties = here.contains("properties") ? here["properties"] : Json::object();
    for (const auto& [key, value] : properties.items()) objects(value, at / key, found);
    if (here.contains("additionalProperties") && here["additionalProperties"].is_object())
      objects(here["additionalProperties"], at / "some", found);
    if (here.contains("items")) objects(here["items"], at / 0, found);
  }

  Json schema;
};

// A document that has `value` at a place, and nothing else but lists and objects on the way to it; and the runtime that knows the key.
Json document_with(const Json::json_pointer& at, const Json& value) {
  Json document = Json::object();
  document[at] = value;
  const Json::json_pointer entry("/catalog/some");
  const auto stands_there = [&](const char* key) { return document[entry].contains(key); };
  if (document.contains(entry) && document[entry].is_object() && std::ranges::any_of(kCommandKeys, stands_there))
    document[entry]["runtime"] = "command";
  return document;
}

bool is_complained_of(const Json::json_pointer& at, const Json& value) {
  return problems(document_with(at, value)).find(at.to_string() + ":") != std::string::npos;
}

TEST_F(SchemaTest, EveryObjectHasTheKeysThatTheReaderKnowsAndNoOther) {
  int compared = 0;
  objects(schema, Json::json_pointer(), [&](const Json& object, const Json::json_pointer& at) {
    if (at.empty()) return;  // other tools' keys may stand there
    EXPECT_EQ(object["additionalProperties"], false) << at;
    std::string known = problems(document_with(at / "??????????????????????????????????????????", 1));
    const std::string begin = "unknown key; there are ";
    ASSERT_THAT(known, HasSubstr(begin)) << at;
    known = known.substr(known.find(begin) + begin.size());
    known = known.substr(0, known.find(';'));
    std::set<std::string> reader, published;
    for (std::size_t start = 0; start < known.size();) {
      const std::size_t end = std::min(known.find(", ", start), known.size());
      reader.insert(known.substr(start, end - start));
      start = end + 2;
    }
    for (const auto& [key, ignored] : object["properties"].items()) published.insert(key);
    EXPECT_EQ(published, reader) << at;
    ++compared;
  });
  EXPECT_GE(compared, 14);
}

TEST_F(SchemaTest, WhatAnEntryMustHaveDependsOnItsRuntime) {
  const Json& model = schema["$defs"]["model"];
  EXPECT_EQ(model["then"]["required"], Json({"command"}));
  EXPECT_EQ(model["else"]["required"], Json({"artifact"}));
  EXPECT_THAT(problems({{"catalog", {{"some", {{"runtime", "command"}}}}}}), HasSubstr("/catalog/some/command:"));
  EXPECT_THAT(problems({{"catalog", {{"some", Json::object()}}}}), HasSubstr("/catalog/some/artifact:"));
}

TEST_F(SchemaTest, TheSectionsAreThoseThatTheReaderReads) {
  std::set<std::string> published;
  for (const auto& [key, section] : schema["properties"].items()) {
    published.insert(key);
    EXPECT_TRUE(is_complained_of(Json::json_pointer("/" + key), 5)) << key;
  }
  EXPECT_EQ(published, std::set<std::string>(std::begin(kSections), std::end(kSections)));
}

TEST_F(SchemaTest, EveryLimitAndEveryWordIsTheReaders) {
  int limits = 0;
  const auto compare = [&](const Json& part, const Json::json_pointer& at) {
    const Json& value = resolved(part);
    if (value.contains("minimum")) {
      const bool whole = value["type"] == "integer";
      for (const char* limit : {"minimum", "maximum"}) {
        const double number = value[limit], outside = number + (limit == std::string("minimum") ? -1 : 1) * (whole ? 1 : 0.001);
        const auto written = [&](double n) { return whole ? Json(static_cast<std::int64_t>(n)) : Json(n); };
        const Json inside = number >= 0 && whole ? Json(static_cast<std::uint64_t>(number)) : written(number);
        EXPECT_FALSE(is_complained_of(at, inside)) << at << ' ' << inside;
        EXPECT_TRUE(is_complained_of(at, outside >= 0 && whole ? Json(static_cast<std::uint64_t>(outside)) : written(outside)))
            << at << ' ' << outside;
        ++limits;
      }
      if (whole) {
        EXPECT_TRUE(is_complained_of(at, value["minimum"].get<double>() + 0.5)) << at;
      }
    } else if (value.contains("enum")) {
      for (const Json& word : value["enum"]) EXPECT_FALSE(is_complained_of(at, word)) << at << ' ' << word;
      EXPECT_TRUE(is_complained_of(at, "no such word")) << at;
    } else if (value["type"] == "boolean") {
      EXPECT_FALSE(is_complained_of(at, true)) << at;
      EXPECT_TRUE(is_complained_of(at, 1)) << at;
    } else if (value["type"] == "string") {
      EXPECT_FALSE(is_complained_of(at, value.contains("examples") ? value["examples"][0] : Json("127.0.0.1:1"))) << at;
      EXPECT_TRUE(is_complained_of(at, 1)) << at;
      if (value.contains("minLength")) {
        EXPECT_TRUE(is_complained_of(at, "")) << at;
      }
    }
  };
  objects(schema, Json::json_pointer(), [&](const Json& object, const Json::json_pointer& at) {
    for (const auto& [key, value] : object["properties"].items()) compare(value, at / key);
    for (const Json& key : object.value("required", Json::array())) {
      EXPECT_THAT(problems(document_with(at, Json::object())), HasSubstr((at / key.get<std::string>()).to_string())) << at;
    }
  });
  for (const char* names : {"models", "patterns"})
    compare(schema["properties"][names]["additionalProperties"], Json::json_pointer(std::string("/") + names + "/some"));
  compare(schema["properties"]["policy"]["properties"]["priorities"]["additionalProperties"],
          Json::json_pointer("/policy/priorities/some"));
  compare(schema["$defs"]["model"]["properties"]["environment"]["additionalProperties"],
          Json::json_pointer("/catalog/some/environment/some"));
  EXPECT_GT(limits, 100);
}

}  // namespace
}  // namespace registry
