using Microsoft.EntityFrameworkCore;
using Npgsql;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Data;

/// <summary>Saves, and says what the database refused in MailCore's own words.</summary>
internal static class SaveChanges
{
    /// <exception cref="MailException">AlreadyExists (a unique key), NotFound (a row that it refers to), Conflict (someone else was faster)</exception>
    public static async Task SaveAsync(this MailDbContext db, CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException e)
        {
            throw new MailException(MailError.Conflict, "It was changed by someone else at the same time; look again", e);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new MailException(MailError.AlreadyExists, "It exists already", e);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            throw new MailException(MailError.NotFound, "What it belongs to is no longer there", e);
        }
    }
}
