namespace Webmail.Protocols.Imap.Fetch;

/// <summary>Finds where a message's header ends: behind the first empty line, or at the message's end where there is none.</summary>
internal static class HeaderEnd
{
    public static int Of(ReadOnlySpan<byte> message)
    {
        if (Empty(message) is var first and > 0)
            return first;
        for (var at = 0; ;)
        {
            var line = message[at..].IndexOf((byte)'\n');
            if (line < 0)
                return message.Length;
            at += line + 1;
            if (Empty(message[at..]) is var empty and > 0)
                return at + empty;
        }
    }

    /// <summary>The length of the empty line that begins here, or 0.</summary>
    private static int Empty(ReadOnlySpan<byte> rest) => rest is [(byte)'\n', ..] ? 1 : rest is [(byte)'\r', (byte)'\n', ..] ? 2 : 0;
}
