namespace Webmail.Web.Cli;

internal enum SendmailMode
{
    Send,
    ShowQueue,

    /// <summary>-bi (newaliases), -q: nothing is to be done here.</summary>
    Nothing,
}

/// <summary>sendmail's command line as programs use it: single-letter options, their value attached or behind.</summary>
internal sealed record SendmailArguments
{
    // Options of sendmail, Postfix and Exim that take a value and mean nothing here.
    const string IgnoredWithValue = "ABCLNOQRVXhpq";
    const string IgnoredBare = "GJUimnvxE";

    public SendmailMode Mode { get; private init; }

    public IReadOnlyList<string> Recipients { get; private init; } = [];

    /// <summary>-t</summary>
    public bool FromHeader { get; private init; }

    /// <summary>-i, -oi: a line with a single dot is text.</summary>
    public bool DotIsText { get; private init; }

    /// <summary>-f or -r; null: not given.</summary>
    public string? Sender { get; private init; }

    /// <summary>-f with the empty address: a notice.</summary>
    public bool IsNullSender => Sender is "" or "<>";

    /// <summary>-F</summary>
    public string? FullName { get; private init; }

    public string? Error { get; private init; }

    public static SendmailArguments Parse(IReadOnlyList<string> arguments)
    {
        var all = new SendmailArguments();
        var recipients = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var word = arguments[i];
            if (word == "--")
            {
                recipients.AddRange(arguments.Skip(i + 1));
                break;
            }

            if (word.Length < 2 || word[0] != '-')
            {
                recipients.Add(word);
                continue;
            }

            var value = word[2..];
            var takesNext = value.Length == 0 && (word[1] is 'f' or 'r' or 'F' or 'o' or 'b' || (IgnoredWithValue.Contains(word[1], StringComparison.Ordinal) && word[1] is not ('q' or 'V')));
            if (takesNext)
            {
                if (i + 1 >= arguments.Count)
                    return all with { Error = $"The option {word} needs a value" };
                value = arguments[++i];
            }

            all = Apply(all, word[1], value);
            if (all.Error is not null)
                return all;
        }

        all = all with { Recipients = recipients };
        return all.Mode == SendmailMode.Send && recipients.Count == 0 && !all.FromHeader ? all with { Error = "There are no recipients: give addresses, or -t" } : all;
    }

    static SendmailArguments Apply(SendmailArguments all, char option, string value) => option switch
    {
        't' => (value.Contains('i', StringComparison.Ordinal) ? all with { DotIsText = true } : all) with { FromHeader = true },
        'i' => (value.Contains('t', StringComparison.Ordinal) ? all with { FromHeader = true } : all) with { DotIsText = true },
        'f' or 'r' => all with { Sender = value },
        'F' => all with { FullName = value },
        'o' => value.StartsWith('i') ? all with { DotIsText = true } : all,
        'b' => value switch
        {
            "m" => all,
            "p" => all with { Mode = SendmailMode.ShowQueue },
            "i" => all with { Mode = SendmailMode.Nothing },
            _ => all with { Error = $"The mode -b{value} isn't offered: speak SMTP to the server's port instead" },
        },
        'q' => all with { Mode = SendmailMode.Nothing },
        _ when IgnoredWithValue.Contains(option, StringComparison.Ordinal) || IgnoredBare.Contains(option, StringComparison.Ordinal) => all,
        _ => all with { Error = $"The option -{option} is unknown" },
    };
}
