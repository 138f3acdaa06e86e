// An answer parsed, in a form that tests can compare and read: "think[...]", "say[...]", "call NAME {...}", "bad[...]", one part per line.
//
// Whatever is parsed is held against what every consumer relies on: calls are numbered in order, their arguments come after their start
// and before the next, and are one JSON object.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/worker/chat/pieces.hpp"
#include "worker/chat/output_parser.hpp"

namespace worker::chat {

struct Transcript {
  std::string parts;
  std::string content;  // all of it
  ParserCounts counts;
  std::vector<std::string> arguments;
  bool operator==(const Transcript&) const = default;
};

inline void PrintTo(const Transcript& transcript, std::ostream* out) {
  *out << transcript.parts << "\n(" << transcript.counts.repaired << " repaired, " << transcript.counts.malformed << " malformed)";
}

class TranscriptWriter {
 public:
  void add(const Part& part) {
    if (auto* text = std::get_if<Content>(&part)) {
      begin("say");
      text_ += text->text;
      transcript_.content += text->text;
    } else if (auto* thought = std::get_if<Reasoning>(&part)) {
      begin("think");
      text_ += thought->text;
    } else if (auto* start = std::get_if<CallStart>(&part)) {
      end();
      EXPECT_EQ(start->index, transcript_.arguments.size());
      EXPECT_FALSE(start->name.empty());
      kind_ = "call " + start->name + (start->id.empty() ? "" : "#" + start->id);
      transcript_.arguments.emplace_back();
    } else if (auto* more = std::get_if<CallArguments>(&part)) {
      ASSERT_TRUE(kind_.starts_with("call "));
      EXPECT_EQ(more->index + 1, transcript_.arguments.size());
      EXPECT_FALSE(more->text.empty());
      transcript_.arguments.back() += more->text;
    } else {
      const auto& bad = std::get<MalformedCall>(part);
      end();
      EXPECT_TRUE(!bad.index || *bad.index + 1 == transcript_.arguments.size());
      kind_ = bad.index ? "spoiled" : "bad";
      text_ = bad.text;
      end();
    }
  }
  Transcript finish(const ParserCounts& counts) {
    end();
    transcript_.counts = counts;
    for (const std::string& arguments : transcript_.arguments) {
      auto json = nlohmann::json::parse(arguments, nullptr, false);
      EXPECT_TRUE(json.is_object()) << arguments;
    }
    return std::move(transcript_);
  }

 private:
  void begin(const std::string& kind) {
    if (kind_ == kind) return;
    end();
    kind_ = kind;
  }
  void end() {
    if (kind_.empty()) return;
    if (!transcript_.parts.empty()) transcript_.parts += "\n";
    if (kind_.starts_with("call ")) transcript_.parts += kind_ + " " + transcript_.arguments.back();
    else transcript_.parts += kind_ + "[" + text_ + "]";
    kind_.clear();
    text_.clear();
  }

  Transcript transcript_;
  std::string kind_, text_;
};

inline Transcript parse(const Pieces& pieces, const OutputParser::Options& options) {
  OutputParser parser(options);
  TranscriptWriter writer;
  for (const std::string& piece : pieces) {
    for (const Part& part : parser.feed(piece)) writer.add(part);
  }
  for (const Part& part : parser.finish()) writer.add(part);
  return writer.finish(parser.counts());
}

// Byte by byte, in two at every place and, if it is short, in three.
inline std::vector<Pieces> many_cuts(const std::string& text) {
  if (text.size() <= 40) return every_cut(text);
  std::vector<Pieces> all(1);
  for (char byte : text) all[0].emplace_back(1, byte);
  for (std::size_t at = 0; at <= text.size(); ++at) all.push_back({text.substr(0, at), text.substr(at)});
  for (std::size_t size : {2, 3, 5, 7, 11}) {
    Pieces pieces;
    for (std::size_t at = 0; at < text.size(); at += size) pieces.push_back(text.substr(at, size));
    all.push_back(std::move(pieces));
  }
  return all;
}

// The same however it is cut.
inline Transcript parse_everywhere(const std::string& text, const OutputParser::Options& options) {
  Transcript whole = parse({text}, options);
  for (const Pieces& pieces : many_cuts(text)) {
    Transcript cut = parse(pieces, options);
    EXPECT_EQ(cut.parts, whole.parts) << text;
    EXPECT_EQ(cut.counts, whole.counts) << text;
    if (cut != whole) break;
  }
  return whole;
}

}  // namespace worker::chat
