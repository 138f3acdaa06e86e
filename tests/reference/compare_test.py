"""The comparison itself: it must see a difference, and forgive near-ties only."""

import unittest

from compare import Counts, add, noise_between


def token(id, text, *others):
    candidates = [(id, text, -1.0), *others]
    return {"id": id, "token": text, "bytes": list(text.encode()),
            "top_logprobs": [{"id": i, "token": t, "bytes": list(t.encode()), "logprob": p} for i, t, p in candidates]}


def answer(text, tokens=(), finish="length", count=2):
    return {"choices": [{"text": text, "finish_reason": finish, "logprobs": {"content": list(tokens)}}],
            "usage": {"completion_tokens": count, "prompt_tokens": 3}}


def counted(ours, theirs, noise=0.0):
    counts = Counts(noise=noise)
    add(counts, "prompt", ours, theirs)
    return counts.same_text, counts.near_ties, counts.ties_within_noise, counts.different_text


class CompareTest(unittest.TestCase):
    theirs = answer("ab", [token(1, "a"), token(2, "b", (3, "c", -1.005), (4, "d", -1.2), (5, "", -1.009))])

    def test_equal_texts_are_the_same(self):
        self.assertEqual(counted(answer("ab"), self.theirs), (1, 0, 0, 0))

    def test_parting_at_two_tokens_as_likely_is_a_near_tie(self):
        self.assertEqual(counted(answer("acxyz"), self.theirs), (0, 1, 0, 0))

    def test_ending_where_the_end_was_as_likely_is_a_near_tie(self):
        self.assertEqual(counted(answer("a", finish="stop"), self.theirs), (0, 1, 0, 0))

    def test_parting_at_a_likelier_token_is_a_difference(self):
        self.assertEqual(counted(answer("adxyz"), self.theirs), (0, 0, 0, 1))

    def test_parting_within_the_noise_is_counted_apart(self):
        self.assertEqual(counted(answer("adxyz"), self.theirs, noise=0.11), (0, 0, 1, 0))

    def test_a_token_that_was_no_candidate_is_a_difference(self):
        self.assertEqual(counted(answer("azz"), self.theirs, noise=9), (0, 0, 0, 1))

    def test_an_answer_cut_short_is_a_difference(self):
        self.assertEqual(counted(answer("", finish="stop"), self.theirs, noise=9), (0, 0, 0, 1))

    def test_the_same_text_in_another_number_of_tokens_is_a_difference(self):
        self.assertEqual(counted(answer("ab", count=1), self.theirs), (0, 0, 0, 1))

    def test_noise_is_what_the_difference_of_two_candidates_moved_by(self):
        moved = answer("ab", [token(1, "a"), token(2, "b", (3, "c", -1.105))])
        self.assertAlmostEqual(noise_between([self.theirs], [moved]), 0.1)


if __name__ == "__main__":
    unittest.main()
