"""The same core without a screen: get, plan, run, op, audit, export, screenshot, controller, demo.

Functions here take what they need (readers, the fleet, the desk, an output stream); only ``wiring`` knows where that
comes from.
"""
