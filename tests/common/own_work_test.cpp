#include "common/own_work.hpp"

#include <gmock/gmock.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <future>
#include <stdexcept>
#include <string>

#include "tests/support/loop_runner.hpp"

namespace common {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using Outcome = Result<std::string>;

TEST(OwnWork, WhoComesEarlyWaitsAndWhoComesLateDoesNot) {
  std::promise<void> answers;
  const OwnWork<std::string> work([answer = answers.get_future().share()]() -> Outcome {
    answer.wait();
    return "done";
  });
  EXPECT_FALSE(work.is_over());
  const auto both = [](OwnWork<std::string> of, std::promise<void>& let_go) -> asio::awaitable<std::pair<Outcome, Outcome>> {
    auto executor = co_await asio::this_coro::executor;
    asio::post(executor, [&let_go] { let_go.set_value(); });  // once both wait
    auto one = of.outcome();
    auto other = of.outcome();
    auto outcomes = co_await (std::move(one) && std::move(other));
    co_return std::pair(std::get<0>(outcomes), std::get<1>(outcomes));
  };
  tests::LoopRunner runner;
  auto [one, other] = runner.run(both(work, answers));
  EXPECT_EQ(one.value(), "done");
  EXPECT_EQ(other.value(), "done");
  EXPECT_TRUE(work.is_over());
  EXPECT_EQ(runner.run(work.outcome()).value(), "done");
}

TEST(OwnWork, WhoHasNoPatienceLeavesAndTheWorkGoesOn) {
  std::promise<void> answers, ended;
  const OwnWork<std::string> work([answer = answers.get_future().share(), &ended]() -> Outcome {
    answer.wait();
    ended.set_value();
    return "done";
  });
  const auto give_up = [](OwnWork<std::string> of) -> asio::awaitable<std::size_t> {
    const auto nothing = []() -> asio::awaitable<void> { co_return; };
    auto waiting = of.outcome();
    auto leaving = nothing();
    auto first = co_await (std::move(waiting) || std::move(leaving));
    co_return first.index();
  };
  tests::LoopRunner runner;
  EXPECT_EQ(runner.run(give_up(work)), 1);
  EXPECT_FALSE(work.is_over());
  answers.set_value();
  ended.get_future().wait();
  EXPECT_EQ(runner.run(work.outcome()).value(), "done");
}

TEST(OwnWork, WhatItThrowsIsItsOutcome) {
  const OwnWork<std::string> work([]() -> Outcome { throw std::runtime_error("no memory left"); });
  tests::LoopRunner runner;
  auto outcome = runner.run(work.outcome());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::io);
  EXPECT_EQ(outcome.error().message(), "no memory left");
}

}  // namespace
}  // namespace common
