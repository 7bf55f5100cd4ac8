"""Accounts: who signs in, with what, and what they may do until when.

documents      what is kept: accounts, tries, API keys, one-time codes
use_cases      accounts: invited, signed in, second factor, disabled, forgotten
keys · giving · codes   API keys of programs · who gives which · one-time codes of residents
rights · places   what a seat allows, until its term ends · where that is
passwords · second_factor · tries    the three guards of signing in
surface        all of it as HTTP, for the gateway alone
"""
