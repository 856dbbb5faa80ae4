using Microsoft.EntityFrameworkCore;
using Webmail.MailCore.Data;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin;

/// <summary>What aliases may lead to, and what becomes of them when a target goes. Runs inside a directory change.</summary>
internal static class AliasTargets
{
    public const int MaxTargets = 1000;

    /// <summary>The targets as they are stored, each once; local ones must exist.</summary>
    /// <exception cref="MailException">Invalid, NotFound, LimitReached</exception>
    public static async Task<string[]> ReadAsync(MailDbContext db, IReadOnlyList<string> targets, CancellationToken ct)
    {
        if (targets.Count == 0)
            throw new MailException(MailError.Invalid, "An alias needs a target");
        if (targets.Count > MaxTargets)
            throw new MailException(MailError.LimitReached, $"An alias has at most {MaxTargets} targets");
        var stored = new List<string>(targets.Count);
        foreach (var target in targets.Select(EmailAddress.Parse).Distinct())
        {
            if (!await IsOursAsync(db, target.Domain, ct))
                stored.Add(target.ToString());
            else if ((await WalkFrom(db).RunAsync(target, ct)).Kind == ResolutionKind.UnknownUser)
                throw new MailException(MailError.NotFound, $"There is no {target} on this server");
            else
                stored.Add(target.Key);
        }

        return [.. stored];
    }

    /// <summary>Follows a saved alias to all its ends.</summary>
    /// <exception cref="MailException">Invalid: it leads back to itself, or on for more than ten levels</exception>
    public static async Task RefuseLoopAsync(MailDbContext db, AddressRow alias, CancellationToken ct)
    {
        var level = Addresses(alias.Targets!);
        for (var depth = 1; level.Count > 0; depth++)
        {
            if (depth > AddressWalk.MaxLevels)
                throw new MailException(MailError.Invalid, $"That alias leads on for more than {AddressWalk.MaxLevels} levels");
            var next = new List<EmailAddress>();
            foreach (var address in level)
            {
                if (!await IsOursAsync(db, address.Domain, ct) || await WalkFrom(db).RowForAsync(address, ct) is not { } row)
                    continue;
                if (string.Equals(row.Key, alias.Key, StringComparison.Ordinal))
                    throw new MailException(MailError.Invalid, "That alias would lead back to itself");
                next.AddRange(Addresses(row.Targets ?? []));
            }

            level = [.. next.Distinct()];
        }
    }

    /// <summary>Takes an address that goes away, and its sub-addresses, out of all aliases; an alias left without targets goes too.</summary>
    public static Task ForgetAsync(MailDbContext db, EmailAddress address, CancellationToken ct)
    {
        var key = address.Key;
        var tagged = Like.Escape(key[..key.LastIndexOf('@')]) + "+%@" + Like.Escape(address.Domain);
        return ForgetAsync(
            db,
            db.Set<AddressRow>().Where(a => a.Targets!.Any(t => t == key || EF.Functions.Like(t, tagged, Like.EscapeWith))),
            target => AddressKeys.Of(target).Contains(key, StringComparer.Ordinal),
            ct);
    }

    /// <summary>The same for all addresses of a domain.</summary>
    public static Task ForgetDomainAsync(MailDbContext db, string domain, CancellationToken ct)
    {
        var pattern = "%@" + Like.Escape(domain);
        return ForgetAsync(
            db,
            db.Set<AddressRow>().Where(a => a.Domain != domain && a.Targets!.Any(t => EF.Functions.Like(t, pattern, Like.EscapeWith))),
            target => string.Equals(target.Domain, domain, StringComparison.Ordinal),
            ct);
    }

    private static async Task ForgetAsync(MailDbContext db, IQueryable<AddressRow> aliases, Func<EmailAddress, bool> goes, CancellationToken ct)
    {
        foreach (var alias in await aliases.ToListAsync(ct))
        {
            alias.Targets = [.. alias.Targets!.Where(t => EmailAddress.TryParse(t) is { } target && !goes(target))];
            if (alias.Targets.Length == 0)
                db.Remove(alias);
        }
    }

    private static List<EmailAddress> Addresses(string[] targets) => [.. targets.Select(EmailAddress.TryParse).OfType<EmailAddress>()];

    private static AddressWalk WalkFrom(MailDbContext db) => new(db, async (domain, token) => await IsOursAsync(db, domain, token));

    private static Task<bool> IsOursAsync(MailDbContext db, string domain, CancellationToken ct) => db.Set<DomainRow>().AnyAsync(d => d.Name == domain, ct);
}

/// <summary>Text inside a LIKE pattern.</summary>
internal static class Like
{
    /// <summary>EF takes no escape for granted.</summary>
    public const string EscapeWith = @"\";

    public static string Escape(string text) =>
        text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}
