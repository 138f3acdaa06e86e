#include "registry/text_edit.hpp"

#include <gmock/gmock.h>

#include <format>
#include <random>

#include "common/json.hpp"

namespace registry {
namespace {

using testing::HasSubstr;

std::string edited(std::string_view text, const std::string& role, const std::string& id) {
  auto fresh = set_role(text, role, id);
  return fresh ? *fresh : "error: " + fresh.error().message();
}

TEST(SetRole, ReplacesThatValueAndNotAByteMore) {
  EXPECT_EQ(edited(R"({"models":{"default":"a","coding":"b"},"endpoints":{"coding":"b"}})", "coding", "c"),
            R"({"models":{"default":"a","coding":"c"},"endpoints":{"coding":"b"}})");
  EXPECT_EQ(edited("\t{\r\n\t\"x\" :\r\n[ ],\"models\"\t: {\n\n\"coding\"\n:\n\"b\" , \"z\":\"b\"}\n}\n\n", "coding", "long name"),
            "\t{\r\n\t\"x\" :\r\n[ ],\"models\"\t: {\n\n\"coding\"\n:\n\"long name\" , \"z\":\"b\"}\n}\n\n");
}

TEST(SetRole, IsNotMisledByWhatLooksLikeTheRole) {
  const std::string text =
      R"({"a":{"models":{"coding":"no"}},"b":"\"models\":{\"coding\":\"no\"}","c":["models",{"coding":"no"},"}]\\"],)"
      R"("models":{"x":"coding","coding":"yes","y":"\\\"coding\\\":"}})";
  EXPECT_EQ(
      edited(text, "coding", "new"),
      R"({"a":{"models":{"coding":"no"}},"b":"\"models\":{\"coding\":\"no\"}","c":["models",{"coding":"no"},"}]\\"],)"
      R"("models":{"x":"coding","coding":"new","y":"\\\"coding\\\":"}})");
}

TEST(SetRole, KnowsAKeyThatIsWrittenWithEscapes) {
  EXPECT_EQ(edited(R"({"m\u006fdels":{"\u0063oding":"a"}})", "coding", "b"), R"({"m\u006fdels":{"\u0063oding":"b"}})");
}

TEST(SetRole, ANewRoleIsWrittenLikeItsNeighbours) {
  EXPECT_EQ(edited("{\n  \"models\": {\n    \"default\": \"a\"\n  },\n  \"endpoints\": {}\n}\n", "coding", "b"),
            "{\n  \"models\": {\n    \"default\": \"a\",\n    \"coding\": \"b\"\n  },\n  \"endpoints\": {}\n}\n");
  EXPECT_EQ(edited("{\r\n\t\"models\" : {\r\n\t\t\"default\" : \"a\"\r\n\t}\r\n}", "coding", "b"),
            "{\r\n\t\"models\" : {\r\n\t\t\"default\" : \"a\",\r\n\t\t\"coding\" : \"b\"\r\n\t}\r\n}");
  EXPECT_EQ(edited(R"({ "models": { "default": "a", "x": "y" } })", "coding", "b"),
            R"({ "models": { "default": "a", "x": "y", "coding": "b" } })");
  EXPECT_EQ(edited(R"({"models": {"default": "a"}})", "coding", "b"), R"({"models": {"default": "a", "coding": "b"}})");
  EXPECT_EQ(edited(R"({"models":{"default":"a"}})", "coding", "b"), R"({"models":{"default":"a","coding":"b"}})");
  EXPECT_EQ(edited("{\"models\":{\"a\":\"x\",\n\n\n  \"b\":\"y\"}}", "coding", "b"),
            "{\"models\":{\"a\":\"x\",\n\n\n  \"b\":\"y\",\n  \"coding\":\"b\"}}");
}

TEST(SetRole, AnEmptyOrMissingModelsSectionIsMade) {
  EXPECT_EQ(edited("{\n  \"endpoints\": {},\n  \"models\": {}\n}", "default", "a"),
            "{\n  \"endpoints\": {},\n  \"models\": {\n    \"default\": \"a\"\n  }\n}");
  EXPECT_EQ(edited(R"({"models": { }, "x": 1})", "default", "a"), R"({"models": {"default": "a"}, "x": 1})");
  EXPECT_EQ(edited("{\n    \"endpoints\": {}\n}\n", "default", "a"),
            "{\n    \"endpoints\": {},\n    \"models\": {\n        \"default\": \"a\"\n    }\n}\n");
  EXPECT_EQ(edited(R"({"endpoints":{}})", "default", "a"), R"({"endpoints":{},"models":{"default":"a"}})");
  EXPECT_EQ(edited("{}\n", "default", "a"), "{\n  \"models\": {\n    \"default\": \"a\"\n  }\n}\n");
}

TEST(SetRole, NamesAreQuotedAsJsonWants) {
  const std::string text = edited(R"({"models":{}})", "a\"b\\", "ü/\n");
  EXPECT_EQ((*common::parse_json(text))["models"], (common::Json{{"a\"b\\", "ü/\n"}}));
  EXPECT_THAT(text, HasSubstr("ü"));
}

TEST(SetRole, AByteOrderMarkStays) {
  EXPECT_EQ(edited("\xEF\xBB\xBF{\"models\":{\"a\":\"b\"}}", "a", "c"), "\xEF\xBB\xBF{\"models\":{\"a\":\"c\"}}");
}

TEST(SetRole, RefusesWhatIsNoRegistry) {
  EXPECT_THAT(edited("{", "a", "b"), HasSubstr("error: registry: not valid JSON"));
  EXPECT_THAT(edited("[]", "a", "b"), HasSubstr("one JSON object"));
  EXPECT_THAT(edited(R"({"models":[]})", "a", "b"), HasSubstr("/models: an object is expected"));
  EXPECT_THAT(edited(R"({"models":{"a":"b"},"models":{}})", "a", "b"), HasSubstr("appears twice"));
}

// Documents of all shapes, written with space of all kinds anywhere that JSON allows it.
class Scribbler {
 public:
  explicit Scribbler(unsigned seed) : random_(seed) {}

  std::string space() {
    std::string out;
    for (int i = below(3); i > 0; --i) out += " \t\r\n"[below(4)];
    return out;
  }
  std::string write(const common::Json& value) {
    if (!value.is_structured()) return value.dump(-1, ' ', below(2) == 0);
    std::string out(1, value.is_object() ? '{' : '[');
    out += space();
    bool first = true;
    for (const auto& [key, item] : value.items()) {
      if (!std::exchange(first, false)) out += "," + space();
      if (value.is_object()) out += common::Json(key).dump(-1, ' ', below(2) == 0) + space() + ":" + space();
      out += write(item) + space();
    }
    return out + (value.is_object() ? '}' : ']');
  }
  common::Json value(int depth) {
    switch (below(depth > 0 ? 6 : 4)) {
      case 0: return below(2) == 0;
      case 1: return below(1000) / 8.0;
      case 2: return nullptr;
      case 3: return name();
      case 4: {
        common::Json list = common::Json::array();
        for (int i = below(4); i > 0; --i) list.push_back(value(depth - 1));
        return list;
      }
      default: {
        common::Json object = common::Json::object();
        for (int i = below(4); i > 0; --i) object[name()] = value(depth - 1);
        return object;
      }
    }
  }
  std::string name() {
    static const std::vector<std::string> kNames{"models", "coding", "default", "}",   "{",  "\"", "\\", "\\\"",
                                                 ",",      ":",      "ü",       "a b", "\n", "[]", ""};
    return kNames[static_cast<std::size_t>(below(static_cast<int>(kNames.size())))];
  }
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

 private:
  std::mt19937 random_;
};

TEST(SetRole, ThousandsOfNastyLayoutsChangeInThatValueOnly) {
  for (unsigned seed = 0; seed < 4000; ++seed) {
    Scribbler scribbler(seed);
    common::Json document = common::Json::object();
    for (int i = scribbler.below(4); i > 0; --i) document[scribbler.name()] = scribbler.value(3);
    if (scribbler.below(4) > 0) {
      document["models"] = common::Json::object();
      for (int i = scribbler.below(4); i > 0; --i) document["models"][scribbler.name()] = scribbler.name();
    }
    if (document.contains("models") && !document["models"].is_object()) document.erase("models");
    const std::string text = scribbler.space() + scribbler.write(document) + scribbler.space();
    const std::string role = scribbler.name(), id = scribbler.name();
    auto fresh = set_role(text, role, id);
    ASSERT_TRUE(fresh) << text << '\n' << fresh.error().message();
    common::Json expected = document;
    if (!expected.contains("models")) expected["models"] = common::Json::object();
    const bool was_there = expected["models"].contains(role);
    expected["models"][role] = id;
    auto parsed = common::parse_json(*fresh);
    ASSERT_TRUE(parsed) << "seed " << seed << ": " << *fresh << '\n' << parsed.error().message();
    ASSERT_EQ(parsed->dump(), expected.dump()) << "seed " << seed << ", order included: " << text;
    // What is before and after the change is the text as it was.
    std::size_t head = 0, tail = 0;
    while (head < text.size() && head < fresh->size() && text[head] == (*fresh)[head]) ++head;
    while (tail < text.size() - head && tail < fresh->size() - head && text[text.size() - 1 - tail] == (*fresh)[fresh->size() - 1 - tail])
      ++tail;
    const std::size_t replaced = text.size() - head - tail;
    if (was_there) {
      ASSERT_LE(replaced, document["models"][role].dump(-1, ' ', true).size()) << "seed " << seed;
    } else if (document.contains("models") && !document["models"].empty()) {
      ASSERT_EQ(replaced, 0u) << "seed " << seed << ": only added to";
    }
  }
}

std::string restored(std::string_view text, std::string_view old) {
  auto fresh = restore_sections(text, old);
  return fresh ? *fresh : "error: " + fresh.error().message();
}

TEST(RestoreSections, TheOldTextComesBackAsItWasWhenNobodyElseHasWrittenMeanwhile) {
  const std::string old = "{ \"models\": {\"a\":\"x\"},\n\n\"endpoints\": { }}\n";
  EXPECT_EQ(restored("{\"policy\":{},\"endpoints\": { },\"models\":{}}", old), old);
  EXPECT_EQ(restored("this was broken by hand", old), old) << "there is nothing to keep in it";
}

TEST(RestoreSections, WhatOthersHaveWrittenMeanwhileStaysByteForByte) {
  EXPECT_EQ(restored("{\n  \"endpoints\": { \"b\" :2 },\n  \"models\": {\"a\": \"y\"},\n  \"policy\": {\"max_wait\": 1}\n}\n",
                     "{\"endpoints\":{\"a\":1},\"models\":{ \"a\":\"x\" },\"catalog\":{\"m\":{\"artifact\":\"f\"}}}"),
            "{\n  \"endpoints\": { \"b\" :2 },\n  \"models\": { \"a\":\"x\" },\n  \"catalog\": {\"m\":{\"artifact\":\"f\"}}\n}\n");
  EXPECT_EQ(restored(R"({"policy":{},"x":1})", R"({"models":{"a":"b"}})"), R"({"x":1,"models":{"a":"b"}})");
  EXPECT_EQ(restored(R"({"policy":{}})", R"({"x":1})"), "{}");
  EXPECT_EQ(restored(R"({"x":1})", R"({})"), R"({"x":1})");
  EXPECT_EQ(restored(R"({})", R"({"x":1,"pinned":["a"]})"), R"({"pinned": ["a"]})");
}

}  // namespace
}  // namespace registry
