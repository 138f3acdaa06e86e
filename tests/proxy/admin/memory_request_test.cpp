#include "proxy/admin/memory_request.hpp"

#include <gmock/gmock.h>

#include "common/error.hpp"

namespace proxy::admin {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

common::Error problem(std::string_view body) {
  auto read = read_lease_request(body);
  EXPECT_FALSE(read) << body;
  return read ? common::Error() : read.error();
}

TEST(LeaseRequest, SaysHowMuchAndForHowLong) {
  auto read = read_lease_request(R"({"gib": 8, "minutes": 10})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bytes, 8ull << 30);
  EXPECT_EQ(read->duration, 10min);
  read = read_lease_request(R"({"gib": 0.5, "minutes": 0.5})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->bytes, 512ull << 20);
  EXPECT_EQ(read->duration, 30s);
}

TEST(LeaseRequest, NamesWhatIsMissingWrongOrOutOfRangeWithItsLimits) {
  EXPECT_EQ(problem(R"({"minutes": 10})").param(), "gib");
  EXPECT_THAT(problem(R"({"minutes": 10})").message(), HasSubstr("gib: how many GiB are to be given up is missing; send {\"gib\": 8"));
  EXPECT_EQ(problem(R"({"gib": 1})").param(), "minutes");
  EXPECT_THAT(problem(R"({"gib": 1, "minutes": 1441})").message(), HasSubstr("a number from 0.001 to 1440, not 1441"));
  EXPECT_THAT(problem(R"({"gib": "8", "minutes": 1})").message(), HasSubstr("not \"8\""));
  EXPECT_EQ(problem(R"({"gib": -1, "minutes": 1})").param(), "gib");
  EXPECT_EQ(problem(R"({"gib": 0, "minutes": 1})").param(), "gib");
  EXPECT_EQ(problem(R"({"gib": 1e300, "minutes": 1})").param(), "gib");
  EXPECT_THAT(problem(R"({"gib": 1, "minute": 1})").message(), HasSubstr("unknown field \"minute\"; did you mean minutes?"));
  EXPECT_EQ(problem("").kind(), common::ErrorKind::bad_request);
  EXPECT_EQ(problem("[]").kind(), common::ErrorKind::bad_request);
  EXPECT_EQ(problem(R"({"gib": 1, "gib": 2, "minutes": 1})").kind(), common::ErrorKind::bad_request);
}

}  // namespace
}  // namespace proxy::admin
