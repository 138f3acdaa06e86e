// What the tests of this folder say about a schema. Every grammar that they make is also given to libllama.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/gbnf.hpp"
#include "tests/support/llama_grammar.hpp"

namespace worker::chat::schema {

const support::LlamaGrammar& llama();

// Of a schema that is accepted; otherwise the test fails and the grammar is that of any value.
std::string grammar_of(std::string_view schema);
// Why a schema is not accepted; empty if it is.
std::string refusal_of(std::string_view schema);

// The grammar of `schema` derives each of `yes` and none of `no`.
void expect(std::string_view schema, const std::vector<std::string>& yes, const std::vector<std::string>& no);

}  // namespace worker::chat::schema
