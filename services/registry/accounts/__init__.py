"""Accounts: who signs in, with what, and what they may do until when.

documents      what is kept
use_cases      accounts: invited, signed in, second factor, disabled
sessions · tokens · signing   who is signed in, as whom · access tokens · the keys that sign them
keys · giving  API keys of programs · who gives which
codes · residents   one-time codes · who signs in by them
rights · places     what a seat allows, until its term ends · where that is
passwords · second_factor · tries    the three guards of signing in
ended · changed   what is good no more, for gateways · whose rights became others
audit          who did what, for operators
forgetting     a person, with all of this
surface · signing_in   accounts and keys as HTTP · signing in and out, for the gateway alone
"""
