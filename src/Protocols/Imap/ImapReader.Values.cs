using System.Globalization;
using System.Text;
using Webmail.MailCore.Model;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap;

/// <summary>Flags as a client names them: keywords have no bits yet.</summary>
internal sealed record FlagNames(FlagSet System, IReadOnlyList<string> Keywords)
{
    public static readonly FlagNames None = new(FlagSet.None, []);

    public bool IsEmpty => System == FlagSet.None && Keywords.Count == 0;
}

/// <summary>Composite values: sets, flags, dates.</summary>
internal ref partial struct ImapReader
{
    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>A sequence-set, of UIDs when the command came with the UID prefix.</summary>
    public NumSet NumSet() => NumSet(IsUid);

    public NumSet NumSet(bool isUid)
    {
        if (!Rules.Lacks("$") && Take('$'))
            return new([], isUid, IsSaved: true);
        if (Rules.IsUidOnly && !isUid)
            throw UidRequired();
        var ranges = new List<NumRange>(1);
        do
        {
            var first = NumberOrStar();
            ranges.Add(new(first, Take(':') ? NumberOrStar() : first));
        }
        while (Take(','));
        return new(ranges, isUid);
    }

    /// <summary>The refusal of a message number after ENABLE UIDONLY.</summary>
    public static SyntaxException UidRequired() => new("Only UIDs are taken here", Code.UidRequired);

    /// <summary>A set of UIDs without "*" and "$" (RFC 7162's known-uids).</summary>
    public UidSet KnownUids()
    {
        var set = NumSet(isUid: true);
        foreach (var range in set.Ranges)
        {
            if (range.First == NumRange.Star || range.Last == NumRange.Star)
                throw new SyntaxException("Here \"*\" means nothing");
        }

        return set.IsSaved ? throw new SyntaxException("Here \"$\" means nothing") : set.ToUids();
    }

    /// <summary>Whether a sequence-set begins here.</summary>
    public readonly bool NextIsNumSet => !Rest.IsEmpty && (char.IsAsciiDigit((char)Rest[0]) || Rest[0] is (byte)'*' or (byte)'$');

    /// <summary>STORE takes a list or bare flags, APPEND a list only.</summary>
    public FlagNames FlagList(bool bareAllowed)
    {
        if (!NextIs('('))
        {
            if (!bareAllowed)
                throw new SyntaxException("Expected a list of flags");
            return Flags();
        }

        Open();
        var flags = NextIs(')') ? FlagNames.None : Flags();
        Close();
        return flags;
    }

    /// <summary>date: day-month-year, quoted or not.</summary>
    public DateOnly Date()
    {
        var quoted = Take('"');
        var day = (int)Digits(1, 2);
        Expect('-');
        var month = Month();
        Expect('-');
        var year = (int)Digits(4, 4);
        if (quoted)
            Expect('"');
        if (year < 1 || day < 1 || day > System.DateTime.DaysInMonth(year, month))
            throw new SyntaxException("There is no such day");
        return new(year, month, day);
    }

    /// <summary>date-time: "dd-Mon-yyyy HH:MM:SS +zzzz", a day of one digit padded with a space.</summary>
    public DateTimeOffset DateTime()
    {
        Expect('"');
        var day = (int)(Take(' ') ? Digits(1, 1) : Digits(1, 2));
        Expect('-');
        var month = Month();
        Expect('-');
        var year = (int)Digits(4, 4);
        Space();
        var hour = (int)Digits(2, 2);
        Expect(':');
        var minute = (int)Digits(2, 2);
        Expect(':');
        var second = (int)Digits(2, 2);
        Space();
        var sign = Take('-') ? -1 : 1;
        if (sign > 0)
            Expect('+');
        var zone = (int)Digits(4, 4);
        Expect('"');
        var east = sign * ((zone / 100 * 60) + (zone % 100));
        if (year < 1 || day < 1 || day > System.DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60 || zone % 100 > 59
            || Math.Abs(east) > 14 * 60)
            throw new SyntaxException("There is no such time");
        var local = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Unspecified);
        return local.Ticks - (east * TimeSpan.TicksPerMinute) is < 0 or > 3155378975999999999
            ? throw new SyntaxException("There is no such time")
            : new(local, TimeSpan.FromMinutes(east));
    }

    private uint NumberOrStar()
    {
        if (Take('*'))
            return NumRange.Star;
        var number = Number();
        return number == 0 ? throw new SyntaxException("0 is no message") : number;
    }

    private FlagNames Flags()
    {
        var system = FlagSet.None;
        List<string>? keywords = null;
        do
        {
            if (Take('\\'))
                system |= SystemFlag(Atom());
            else
                (keywords ??= []).Add(Encoding.ASCII.GetString(Atom()));
        }
        while (Take(' '));
        return new(system, keywords ?? (IReadOnlyList<string>)[]);
    }

    private static FlagSet SystemFlag(ReadOnlySpan<byte> name)
    {
        foreach (var (known, flag) in SystemFlags.All)
        {
            if (Ascii.EqualsIgnoreCase(name, known))
                return flag;
        }

        throw new SyntaxException("There is no such system flag, or it can't be set");
    }

    private int Month()
    {
        var name = Rest.Length >= 3 ? Rest[..3] : throw new SyntaxException("Expected a month");
        for (var i = 0; i < Months.Length; i++)
        {
            if (!Ascii.EqualsIgnoreCase(name, Months[i]))
                continue;
            _at += 3;
            return i + 1;
        }

        throw new SyntaxException("There is no such month");
    }

    private uint Digits(int least, int most)
    {
        var start = _at;
        uint value = 0;
        while (_at - start < most && !IsAtEnd && char.IsAsciiDigit((char)_bytes[_at]))
            value = (value * 10) + (uint)(_bytes[_at++] - '0');
        return _at - start >= least ? value : throw new SyntaxException(string.Create(CultureInfo.InvariantCulture, $"Expected {least} digits"));
    }
}
