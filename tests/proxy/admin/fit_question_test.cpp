#include "proxy/admin/fit_question.hpp"

#include <gmock/gmock.h>

namespace proxy::admin {
namespace {

using testing::HasSubstr;

std::string problem(const char* query) {
  auto question = read_fit_question(query);
  if (question) return "none";
  EXPECT_EQ(question.error().kind(), common::ErrorKind::bad_request);
  return question.error().message();
}

TEST(FitQuestion, ReadsEveryParameter) {
  auto question = read_fit_question("model=my%20model&context_tokens=4096&parallel=2&kv_unified=true&cache_type_k=q8_0&cache_type_v=q4_0");
  ASSERT_TRUE(question) << question.error().message();
  EXPECT_EQ(question->model, "my model");
  EXPECT_EQ(question->shape.context_tokens, 4096u);
  EXPECT_EQ(question->shape.parallel, 2u);
  EXPECT_TRUE(question->shape.kv_unified);
  EXPECT_EQ(question->shape.cache_type_k, "q8_0");
  EXPECT_EQ(question->shape.cache_type_v, "q4_0");
}

TEST(FitQuestion, NamesTheParameterThatIsWrong) {
  EXPECT_THAT(problem(""), HasSubstr("model: "));
  EXPECT_THAT(problem("model="), HasSubstr("model: "));
  EXPECT_THAT(problem("model=m&context_tokens=many"), HasSubstr("context_tokens: a whole number from 16 to 16777216"));
  EXPECT_THAT(problem("model=m&context_tokens=15"), HasSubstr("not \"15\""));
  EXPECT_THAT(problem("model=m&context_tokens=99999999999999999999"), HasSubstr("context_tokens"));
  EXPECT_THAT(problem("model=m&context_tokens=-1"), HasSubstr("context_tokens"));
  EXPECT_THAT(problem("model=m&parallel=0"), HasSubstr("parallel: a whole number from 1 to 256"));
  EXPECT_THAT(problem("model=m&parallel"), HasSubstr("parallel"));
  EXPECT_THAT(problem("model=m&kv_unified=maybe"), HasSubstr("kv_unified: true or false"));
  EXPECT_THAT(problem("model=m&cache_type_k=q9"), HasSubstr("there are f32, f16"));
  EXPECT_THAT(problem("model=m&context=1"), HasSubstr("did you mean context_tokens?"));
  EXPECT_THAT(problem("model=%zz"), HasSubstr("two hexadecimal digits"));
}

TEST(FitQuestion, WhatItDoesNotSayIsAsTheRegistrySays) {
  registry::Model model{.id = "m", .context_tokens = 8192, .parallel = 3, .kv_unified = true, .cache_type_k = "q8_0"};
  const auto shape = [&](const char* query) { return shape_for(*read_fit_question(query), model); };
  EXPECT_EQ(shape("model=m"), registry::shape_of(model));
  EXPECT_EQ(shape("model=m&parallel=1").parallel, 1u);
  EXPECT_EQ(shape("model=m&parallel=1").context_tokens, 8192u);
  EXPECT_FALSE(shape("model=m&kv_unified=false").kv_unified);
}

}  // namespace
}  // namespace proxy::admin
